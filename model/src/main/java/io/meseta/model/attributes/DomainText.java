// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.attributes;

import io.meseta.model.Invalid;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.DomainInfo;
import java.nio.charset.StandardCharsets;

/// Fault domains as operators write them: `DomainInfo` in JSON.
public final class DomainText {
  private DomainText() {}

  /// @throws Invalid for what is no JSON of that form, or names no fault domain
  public static DomainInfo parse(String json) throws Invalid {
    DomainInfo domain;
    try {
      domain = Json.parse(json.getBytes(StandardCharsets.UTF_8), DomainInfo.newBuilder()).build();
    } catch (JsonException e) {
      throw new Invalid(e.getMessage());
    }
    if (!domain.hasFaultDomain()) {
      throw new Invalid(json + ": expected a fault_domain");
    }
    return domain;
  }
}
