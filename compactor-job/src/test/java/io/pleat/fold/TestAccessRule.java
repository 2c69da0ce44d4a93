package io.pleat.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.Attributes;
import org.junit.jupiter.api.Test;

class TestAccessRule {
  private static final int ALL = AccessRule.OTHERS | AccessRule.MEMBERS;

  @Test
  void worldReadableContainersWidenPrivateFiles() {
    AccessRule rule = AccessRule.of(attributes(0644, "staff"), attributes(0755, "staff"));
    assertThat(rule.widens(attributes(0600, "staff"), ALL)).isTrue();
    assertThat(rule.widens(attributes(0640, "staff"), ALL)).isTrue();
    assertThat(rule.widens(attributes(0644, "other"), ALL)).isFalse();
  }

  @Test
  void privateDatasetWidensNothing() {
    AccessRule rule = AccessRule.of(attributes(0644, "staff"), attributes(0700, "staff"));
    assertThat(rule.widens(attributes(0600, "other"), 0)).isFalse();
  }

  @Test
  void groupReadableContainersWidenForAnotherGroupOnly() {
    AccessRule rule = AccessRule.of(attributes(0640, "staff"), attributes(0750, "staff"));
    assertThat(rule.widens(attributes(0640, "staff"), ALL)).isFalse();
    assertThat(rule.widens(attributes(0640, "guests"), ALL)).isTrue();
    assertThat(rule.widens(attributes(0604, "guests"), ALL)).isFalse();
  }

  @Test
  void directoriesOnTheWayKeepPeopleOut() {
    AccessRule rule = AccessRule.of(attributes(0644, "staff"), attributes(0755, "staff"));
    int reach = rule.reachBelow(ALL, attributes(0700, "staff"));
    assertThat(rule.widens(attributes(0644, "staff"), reach)).isTrue();
    assertThat(rule.reachBelow(reach, attributes(0755, "staff"))).isEqualTo(reach);
  }

  @Test
  void storesWithoutModesAreNotCompared() {
    Attributes unknown = new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "e");
    assertThat(AccessRule.of(unknown, unknown).widens(attributes(0600, "staff"), ALL))
        .isFalse();
    AccessRule rule = AccessRule.of(attributes(0644, "staff"), attributes(0755, "staff"));
    assertThat(rule.widens(unknown, ALL)).isFalse();
  }

  private static Attributes attributes(int mode, String group) {
    return new Attributes(0, 0, mode, "me", group, "");
  }
}
