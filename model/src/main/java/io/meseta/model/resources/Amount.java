// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// How much of a resource. Amounts of different kinds never meet: the kind is part of the
/// [ResourceKey].
public sealed interface Amount permits Amount.Scalar, Ranges, Amount.Items {

  boolean isEmpty();

  Amount plus(Amount other);

  /// What is left of this without `other`; what `other` has beyond this is ignored.
  Amount minus(Amount other);

  boolean contains(Amount other);

  /// A count in thousandths.
  record Scalar(long thousandths) implements Amount {
    @Override
    public boolean isEmpty() {
      return thousandths <= 0;
    }

    @Override
    public Scalar plus(Amount other) {
      return new Scalar(Math.addExact(thousandths, ((Scalar) other).thousandths));
    }

    @Override
    public Scalar minus(Amount other) {
      return new Scalar(Math.max(0, thousandths - ((Scalar) other).thousandths));
    }

    @Override
    public boolean contains(Amount other) {
      return thousandths >= ((Scalar) other).thousandths;
    }

    @Override
    public String toString() {
      return Thousandths.toString(thousandths);
    }
  }

  /// A set of names.
  record Items(SortedSet<String> names) implements Amount {
    public Items {
      names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
    }

    @Override
    public boolean isEmpty() {
      return names.isEmpty();
    }

    @Override
    public Items plus(Amount other) {
      var sum = new TreeSet<>(names);
      sum.addAll(((Items) other).names);
      return new Items(sum);
    }

    @Override
    public Items minus(Amount other) {
      var rest = new TreeSet<>(names);
      rest.removeAll(((Items) other).names);
      return new Items(rest);
    }

    @Override
    public boolean contains(Amount other) {
      return names.containsAll(((Items) other).names);
    }

    @Override
    public String toString() {
      return "{" + String.join(", ", names) + "}";
    }
  }
}
