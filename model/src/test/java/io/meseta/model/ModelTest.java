// SPDX-License-Identifier: Apache-2.0
package io.meseta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.model.attributes.AttributeText;
import io.meseta.model.tasks.TaskStates;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskState;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
  @Test
  @Covers("R08")
  void readsAttributes() throws Invalid {
    var attributes = AttributeText.parse("rack:r1; n:3 ;p:[1-2,3-3];s:{a,b}");
    assertThat(attributes.stream().map(AttributeText::summary))
        .containsExactly("r1", 3.0, "[1-3]", "{a, b}");
    assertThat(AttributeText.parse("url:http://x").getFirst().getText().getValue())
        .isEqualTo("http://x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rack", "rack:", ":r1", "p:[1-"})
  @Covers("R08")
  void refusesMalformedAttributes(String text) {
    assertThatThrownBy(() -> AttributeText.parse(text)).isInstanceOf(Invalid.class);
  }

  @Test
  @Covers("S32")
  void statesHaveTheirNumbers() {
    assertThat(Arrays.stream(TaskState.values()).map(s -> s.name() + s.getNumber()))
        .containsExactlyInAnyOrder(
            "TASK_STAGING6",
            "TASK_STARTING0",
            "TASK_RUNNING1",
            "TASK_KILLING8",
            "TASK_FINISHED2",
            "TASK_FAILED3",
            "TASK_KILLED4",
            "TASK_ERROR7",
            "TASK_LOST5",
            "TASK_DROPPED9",
            "TASK_UNREACHABLE10",
            "TASK_GONE11",
            "TASK_GONE_BY_OPERATOR12",
            "TASK_UNKNOWN13");
    assertThat(Arrays.stream(TaskState.values()).filter(s -> !TaskStates.isTerminal(s)))
        .containsExactlyInAnyOrder(
            TaskState.TASK_STAGING,
            TaskState.TASK_STARTING,
            TaskState.TASK_RUNNING,
            TaskState.TASK_KILLING,
            TaskState.TASK_UNREACHABLE,
            TaskState.TASK_UNKNOWN);
  }

  @Test
  @Covers("S22")
  void frameworksUnawareOfPartitionsSeeLost() {
    assertThat(TaskStates.forFramework(TaskState.TASK_UNREACHABLE, true))
        .isEqualTo(TaskState.TASK_UNREACHABLE);
    assertThat(TaskStates.forFramework(TaskState.TASK_UNREACHABLE, false))
        .isEqualTo(TaskState.TASK_LOST);
    assertThat(TaskStates.forFramework(TaskState.TASK_RUNNING, false))
        .isEqualTo(TaskState.TASK_RUNNING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a\\b", "a\nb"})
  @Covers("S31")
  void refusesIdsThatAreNoFileNames(String id) {
    assertThat(IdRules.problem(id)).isPresent();
  }

  @Test
  @Covers("S31")
  void idsAreLimitedInLength() {
    assertThat(IdRules.problem("x".repeat(255))).isEmpty();
    assertThat(IdRules.problem("x".repeat(256)))
        .hasValue("ID must not be greater than 255 characters");
    assertThat(IdRules.problem("a b:c")).isEmpty();
  }
}
