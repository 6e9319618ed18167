// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.testkit.Covers;
import io.meseta.testkit.Seeds;
import io.meseta.wire.v1.Resource.DiskInfo;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

@Covers("R01")
class ResourcesPropertyTest {
  private static final int SEEDS = 500;

  private static ResourceKey key(Random random, String name, Value.Type type) {
    var key = ResourceKey.plain(name, type);
    if (random.nextInt(3) == 0) {
      key =
          key.pushReservation(
              ReservationInfo.newBuilder()
                  .setType(
                      random.nextBoolean()
                          ? ReservationInfo.Type.STATIC
                          : ReservationInfo.Type.DYNAMIC)
                  .setRole(random.nextBoolean() ? "a" : "b")
                  .build());
      if (random.nextBoolean()) {
        key =
            key.pushReservation(
                ReservationInfo.newBuilder()
                    .setType(ReservationInfo.Type.DYNAMIC)
                    .setRole(key.reservationRole() + "/c")
                    .setPrincipal("p")
                    .build());
      }
    }
    return random.nextInt(4) == 0 ? key.withAllocation("x") : key;
  }

  private static ResourceItem item(Random random, boolean countable) {
    return switch (random.nextInt(countable ? 3 : 6)) {
      case 0, 1, 2 ->
          ResourceItem.of(
              key(random, List.of("cpus", "mem", "disk").get(random.nextInt(3)), Value.Type.SCALAR),
              new Amount.Scalar(random.nextInt(5000)));
      case 3 -> {
        int begin = random.nextInt(50);
        yield ResourceItem.of(
            key(random, "ports", Value.Type.RANGES), Ranges.of(begin, begin + random.nextInt(10)));
      }
      case 4 ->
          ResourceItem.of(
              key(random, "zones", Value.Type.SET),
              new Amount.Items(
                  new TreeSet<>(Set.of("z" + random.nextInt(5), "y" + random.nextInt(5)))));
      default -> {
        var volume =
            DiskInfo.newBuilder()
                .setPersistence(DiskInfo.Persistence.newBuilder().setId("v" + random.nextInt(3)));
        yield ResourceItem.of(
            ResourceKey.plain("disk", Value.Type.SCALAR)
                .withDisk(volume.build(), random.nextBoolean()),
            new Amount.Scalar(1000));
      }
    };
  }

  private static Resources resources(Random random, boolean countable) {
    var items = new ArrayList<ResourceItem>();
    for (int i = random.nextInt(8); i > 0; i--) {
      items.add(item(random, countable));
    }
    return Resources.of(items);
  }

  @Test
  void additionIsCommutativeAndAssociative() {
    Seeds.forAll(
        SEEDS,
        random -> {
          var a = resources(random, false);
          var b = resources(random, false);
          var c = resources(random, false);
          assertThat(a.plus(b)).isEqualTo(b.plus(a));
          assertThat(a.plus(b).plus(c)).isEqualTo(a.plus(b.plus(c)));
          assertThat(Resources.sum(List.of(a, b, c))).isEqualTo(a.plus(b).plus(c));
        });
  }

  @Test
  void aSumContainsItsParts() {
    Seeds.forAll(
        SEEDS,
        random -> {
          var a = resources(random, false);
          var b = resources(random, false);
          assertThat(a.plus(b).contains(a)).isTrue();
          assertThat(a.plus(b).contains(b)).isTrue();
          assertThat(a.minusAvailable(a).isEmpty()).isTrue();
        });
  }

  @Test
  void whatIsAddedCanBeTakenAway() {
    Seeds.forAll(
        SEEDS,
        random -> {
          var a = resources(random, true);
          var b = resources(random, true);
          assertThat(a.plus(b).minus(b)).isEqualTo(a);
          assertThat(a.plus(b).minus(b).quantities())
              .isEqualTo(a.quantities().plus(b.quantities()).minus(b.quantities()));
          if (!a.contains(b)) {
            assertThatThrownBy(() -> a.minus(b)).isInstanceOf(IllegalStateException.class);
          } else {
            assertThat(a.minus(b).plus(b)).isEqualTo(a);
          }
        });
  }

  @Test
  void orderDoesNotMatterForEquality() {
    Seeds.forAll(
        SEEDS,
        random -> {
          var items = new ArrayList<>(resources(random, false).items());
          var straight = Resources.of(items);
          Collections.shuffle(items, random);
          assertThat(Resources.of(items)).isEqualTo(straight).hasSameHashCodeAs(straight);
        });
  }

  @Test
  @Covers("R11")
  void everyFormatReadsBackAsTheSame() {
    Seeds.forAll(
        SEEDS,
        random -> {
          var a = resources(random, false);
          assertThat(ResourceWire.decode(ResourceWire.encode(a, Format.POST))).isEqualTo(a);
          assertThat(ResourceWire.decode(ResourceWire.encode(a, Format.ENDPOINT))).isEqualTo(a);
          if (ResourceWire.fitsPre(a)) {
            var pre = ResourceWire.encode(a, Format.PRE);
            assertThat(ResourceWire.decode(pre)).isEqualTo(a);
            assertThat(ResourceWire.convert(pre, Format.ENDPOINT))
                .isEqualTo(ResourceWire.encode(a, Format.ENDPOINT));
          } else {
            assertThatThrownBy(() -> ResourceWire.encode(a, Format.PRE))
                .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(
                    () -> ResourceWire.convert(ResourceWire.encode(a, Format.POST), Format.PRE))
                .isInstanceOf(Invalid.class);
          }
        });
  }

  @Test
  void rangesBehaveLikeSetsOfNumbers() {
    Seeds.forAll(
        SEEDS,
        random -> {
          var a = ranges(random);
          var b = ranges(random);
          var union = new TreeSet<>(numbers(a));
          union.addAll(numbers(b));
          assertThat(numbers(a.plus(b))).isEqualTo(union);
          var difference = new TreeSet<>(numbers(a));
          difference.removeAll(numbers(b));
          assertThat(numbers(a.minus(b))).isEqualTo(difference);
          assertThat(a.contains(b)).isEqualTo(numbers(a).containsAll(numbers(b)));
          assertThat(a.plus(b).count()).isEqualTo(union.size());
          if (!a.isEmpty()) {
            assertThat(a.contains(a.pick(random::nextLong))).isTrue();
          }
        });
  }

  private static Ranges ranges(Random random) {
    var result = Ranges.EMPTY;
    for (int i = random.nextInt(6); i > 0; i--) {
      int begin = random.nextInt(40);
      result = result.plus(Ranges.of(begin, begin + random.nextInt(6)));
    }
    return result;
  }

  private static TreeSet<Long> numbers(Ranges ranges) {
    var result = new TreeSet<Long>();
    for (var range : ranges.ranges()) {
      for (long i = range.begin(); i <= range.end(); i++) {
        assertThat(result.add(i)).isTrue();
      }
    }
    return result;
  }
}
