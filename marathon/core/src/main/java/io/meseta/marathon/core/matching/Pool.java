// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// What is left of an offer while instances are put on it.
final class Pool {
  private static final class Scalar {
    final Resource resource;
    long millis;

    Scalar(Resource resource) {
      this.resource = resource;
      this.millis = Math.round(resource.getScalar().getValue() * 1000);
    }
  }

  private record Span(int first, int last) {}

  private static final class PortRange {
    final Resource resource;
    final List<Span> free = new ArrayList<>();

    PortRange(Resource resource) {
      this.resource = resource;
      for (var range : resource.getRanges().getRangeList()) {
        free.add(new Span((int) range.getBegin(), (int) range.getEnd()));
      }
    }

    boolean take(int port) {
      for (int i = 0; i < free.size(); i++) {
        var span = free.get(i);
        if (span.first() <= port && port <= span.last()) {
          free.remove(i);
          if (port < span.last()) {
            free.add(i, new Span(port + 1, span.last()));
          }
          if (span.first() < port) {
            free.add(i, new Span(span.first(), port - 1));
          }
          return true;
        }
      }
      return false;
    }

    int size() {
      return free.stream().mapToInt(span -> span.last() - span.first() + 1).sum();
    }

    int nth(int n) {
      int left = n;
      for (var span : free) {
        int size = span.last() - span.first() + 1;
        if (left < size) {
          return span.first() + left;
        }
        left -= size;
      }
      throw new IndexOutOfBoundsException(n);
    }
  }

  private final List<Scalar> scalars = new ArrayList<>();
  private final List<PortRange> ports = new ArrayList<>();

  Pool(Offer offer) {
    for (var resource : offer.getResourcesList()) {
      if (resource.hasRevocable() || resource.hasShared() || resource.hasDisk()) {
        continue; // made for others
      }
      if (resource.getName().equals("ports")) {
        ports.add(new PortRange(resource));
      } else if (resource.getType() == Value.Type.SCALAR) {
        scalars.add(new Scalar(resource));
      }
    }
    // Reserved ones first, as nobody else can use them.
    scalars.sort(
        (a, b) -> Boolean.compare(role(a.resource).equals("*"), role(b.resource).equals("*")));
    ports.sort(
        (a, b) -> Boolean.compare(role(a.resource).equals("*"), role(b.resource).equals("*")));
  }

  /// The role a resource is reserved for, `*` if for none.
  @SuppressWarnings("deprecation") // of masters that do not know reservation refinement
  static String role(Resource resource) {
    return resource.getReservationsCount() > 0
        ? resource.getReservations(resource.getReservationsCount() - 1).getRole()
        : resource.hasRole() ? resource.getRole() : "*";
  }

  /// How much there is of a scalar in roles that fit.
  long available(String name, Predicate<String> roles) {
    return scalars.stream()
        .filter(each -> each.resource.getName().equals(name) && roles.test(role(each.resource)))
        .mapToLong(each -> each.millis)
        .sum();
  }

  /// Takes so much of a scalar, of which there must be enough.
  List<Resource> take(String name, long millis, Predicate<String> roles) {
    var taken = new ArrayList<Resource>();
    long wanted = millis;
    for (var each : scalars) {
      if (wanted > 0
          && each.millis > 0
          && each.resource.getName().equals(name)
          && roles.test(role(each.resource))) {
        long part = Math.min(wanted, each.millis);
        each.millis -= part;
        wanted -= part;
        taken.add(
            each.resource.toBuilder()
                .setScalar(Value.Scalar.newBuilder().setValue(part / 1000.0))
                .build());
      }
    }
    return taken;
  }

  /// A port of each number wanted, 0 for any; empty if one cannot be had, and then nothing is
  /// taken.
  Optional<List<Integer>> takePorts(
      List<Integer> wanted, Predicate<String> roles, RandomGenerator random, List<Resource> used) {
    var fitting = ports.stream().filter(each -> roles.test(role(each.resource))).toList();
    var before = fitting.stream().map(each -> List.copyOf(each.free)).toList();
    var byRange = new ArrayList<TreeSet<Integer>>();
    fitting.forEach(each -> byRange.add(new TreeSet<>()));
    var chosen = new Integer[wanted.size()];
    boolean enough = true;
    for (int i = 0; i < chosen.length; i++) { // exact ones first, so that no random one takes them
      if (wanted.get(i) != 0) {
        enough &= takeExact(fitting, byRange, wanted.get(i));
        chosen[i] = wanted.get(i);
      }
    }
    for (int i = 0; enough && i < chosen.length; i++) {
      if (wanted.get(i) == 0) {
        chosen[i] = takeAny(fitting, byRange, random);
        enough = chosen[i] >= 0;
      }
    }
    if (!enough) {
      for (int i = 0; i < fitting.size(); i++) {
        fitting.get(i).free.clear();
        fitting.get(i).free.addAll(before.get(i));
      }
      return Optional.empty();
    }
    for (int i = 0; i < fitting.size(); i++) {
      if (!byRange.get(i).isEmpty()) {
        used.add(resource(fitting.get(i).resource, byRange.get(i)));
      }
    }
    return Optional.of(List.of(chosen));
  }

  private static boolean takeExact(List<PortRange> ranges, List<TreeSet<Integer>> taken, int port) {
    for (int i = 0; i < ranges.size(); i++) {
      if (ranges.get(i).take(port)) {
        taken.get(i).add(port);
        return true;
      }
    }
    return false;
  }

  private static int takeAny(
      List<PortRange> ranges, List<TreeSet<Integer>> taken, RandomGenerator random) {
    for (int i = 0; i < ranges.size(); i++) {
      int size = ranges.get(i).size();
      if (size > 0) {
        int port = ranges.get(i).nth(random.nextInt(size));
        ranges.get(i).take(port);
        taken.get(i).add(port);
        return port;
      }
    }
    return -1;
  }

  private static Resource resource(Resource template, TreeSet<Integer> numbers) {
    var ranges = Value.Ranges.newBuilder();
    int first = -1;
    int last = -2;
    for (int port : numbers) {
      if (port == last + 1) {
        last = port;
        continue;
      }
      if (first >= 0) {
        ranges.addRange(Value.Range.newBuilder().setBegin(first).setEnd(last));
      }
      first = port;
      last = port;
    }
    ranges.addRange(Value.Range.newBuilder().setBegin(first).setEnd(last));
    return template.toBuilder().setRanges(ranges).build();
  }
}
