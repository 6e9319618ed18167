// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.Duration;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A protobuf duration written as text: `10mins` as the original's documents show it, or `600s` as
/// protobuf's own JSON has it.
final class TextDuration {
  static final String TYPE = "google.protobuf.Duration";

  private static final Pattern TEXT = Pattern.compile("(-?\\d{1,18}(?:\\.\\d{1,9})?)([a-z]{1,5})");
  private static final BigDecimal SECOND = BigDecimal.valueOf(1_000_000_000L);
  private static final BigDecimal LONGEST = BigDecimal.valueOf(315_576_000_000L).multiply(SECOND);
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "secs", 1_000_000_000L,
          "mins", 60_000_000_000L,
          "hrs", 3_600_000_000_000L,
          "days", 86_400_000_000_000L,
          "weeks", 604_800_000_000_000L);

  private TextDuration() {}

  /// Null for a text that is none.
  static @Nullable Duration parse(String text) {
    var matcher = TEXT.matcher(text.strip());
    var unit = matcher.matches() ? NANOS.get(matcher.group(2)) : null;
    if (unit == null) {
      return null;
    }
    var nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    if (nanos.abs().compareTo(LONGEST) > 0) {
      return null;
    }
    var parts = nanos.divideAndRemainder(SECOND);
    return Duration.newBuilder()
        .setSeconds(parts[0].longValueExact())
        .setNanos(parts[1].intValue())
        .build();
  }
}
