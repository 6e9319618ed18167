// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.acls;

import io.meseta.model.Invalid;
import io.meseta.wire.json.JsonErrors;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Rules about who may do what. Of an action's rules the first that speaks of both principal and
/// object decides; where none does, `permissive` decides. Immutable. Original:
/// src/authorizer/local/authorizer.cpp.
public final class Acls {
  /// No rules: everything is allowed.
  public static final Acls NONE = new Acls(true, Map.of());

  private enum Type {
    SOME,
    ANY,
    NONE
  }

  private record Entity(Type type, List<String> values) {
    /// Whether a rule's entity speaks of what is asked; nothing in particular is asked as null.
    boolean matches(Optional<String> asked) {
      return type != Type.SOME || (asked.isPresent() && values.contains(asked.get()));
    }

    boolean allows(Optional<String> asked) {
      return type == Type.ANY
          || (type == Type.SOME && asked.isPresent() && values.contains(asked.get()));
    }
  }

  private record Rule(Entity principals, Entity objects) {
    boolean recursive(Action action) {
      return action.kind == Action.Kind.ROLE
          && objects.values.size() == 1
          && objects.values.getFirst().endsWith("/%");
    }

    boolean covers(String role) {
      var parent = objects.values.getFirst();
      return role.startsWith(parent.substring(0, parent.length() - 1));
    }
  }

  private final boolean permissive;
  private final Map<Action, List<Rule>> rules;

  private Acls(boolean permissive, Map<Action, List<Rule>> rules) {
    this.permissive = permissive;
    this.rules = rules;
  }

  /// Whether there is nothing to ask.
  public boolean isEmpty() {
    return permissive && rules.isEmpty();
  }

  /// @param principal empty for whoever has not said who they are
  /// @param object what the action is done to; empty for nothing in particular
  public boolean permits(Optional<String> principal, Action action, Optional<String> object) {
    var asked = action.kind == Action.Kind.ANY ? Optional.<String>empty() : object;
    for (var rule : rules.getOrDefault(action, List.of())) {
      if (rule.recursive(action)) {
        if (asked.isPresent() && rule.covers(asked.get()) && rule.principals.matches(principal)) {
          return rule.principals.allows(principal);
        }
      } else if (rule.principals.matches(principal) && rule.objects.matches(asked)) {
        return rule.principals.allows(principal) && rule.objects.allows(asked);
      }
    }
    return permissive;
  }

  public boolean permits(Optional<String> principal, Action action, String object) {
    return permits(principal, action, Optional.of(object));
  }

  /// @throws Invalid saying what is wrong; a misspelled name is, since it would open a door
  public static Acls parse(String json) throws Invalid {
    try (var parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      var result = read(parser);
      if (parser.nextToken() != null) {
        throw new Invalid("text after the end of the rules");
      }
      return result;
    } catch (JacksonException e) {
      throw new Invalid("not JSON: " + JsonErrors.plain(e));
    }
  }

  private static Acls read(JsonParser parser) throws Invalid {
    expect(parser, JsonToken.START_OBJECT, "the rules");
    boolean permissive = true;
    var rules = new EnumMap<Action, List<Rule>>(Action.class);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      var token = parser.nextToken();
      if (name.equals("permissive")) {
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
          throw new Invalid("'permissive': expected true or false");
        }
        permissive = token == JsonToken.VALUE_TRUE;
        continue;
      }
      var action = action(name);
      expect(parser, JsonToken.START_ARRAY, "'" + name + "'");
      var list = rules.computeIfAbsent(action, a -> new ArrayList<>());
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(rule(parser, action));
      }
    }
    return new Acls(permissive, rules);
  }

  private static Action action(String name) throws Invalid {
    for (var action : Action.values()) {
      if (action.key.equals(name)) {
        return action;
      }
    }
    throw new Invalid("'" + name + "' is no action (expected: one such as run_tasks)");
  }

  private static Rule rule(JsonParser parser, Action action) throws Invalid {
    expect(parser, JsonToken.START_OBJECT, "a rule of '" + action.key + "'");
    Entity principals = null;
    Entity objects = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      parser.nextToken();
      if (name.equals("principals")) {
        principals = entity(parser, name);
      } else if (name.equals(action.objects)) {
        objects = entity(parser, name);
      } else {
        throw new Invalid(
            "'"
                + name
                + "' in '"
                + action.key
                + "' (expected: principals, "
                + action.objects
                + ")");
      }
    }
    if (principals == null || objects == null) {
      throw new Invalid(
          "a rule of '" + action.key + "' needs both principals and " + action.objects);
    }
    if (action.kind == Action.Kind.ANY && objects.type == Type.SOME) {
      throw new Invalid("'" + action.objects + "' of '" + action.key + "' must be ANY or NONE");
    }
    return new Rule(principals, objects);
  }

  private static Entity entity(JsonParser parser, String name) throws Invalid {
    expect(parser, JsonToken.START_OBJECT, "'" + name + "'");
    var type = Type.SOME;
    var values = new ArrayList<String>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "type" -> {
          type =
              switch (String.valueOf(parser.getString())) {
                case "ANY" -> Type.ANY;
                case "NONE" -> Type.NONE;
                case "SOME" -> Type.SOME;
                default ->
                    throw new Invalid(
                        "'type' of '"
                            + name
                            + "': expected ANY, NONE or SOME, not "
                            + parser.getString());
              };
        }
        case "values" -> {
          expect(parser, JsonToken.START_ARRAY, "'values' of '" + name + "'");
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser, JsonToken.VALUE_STRING, "a value of '" + name + "'");
            values.add(parser.getString());
          }
        }
        default -> throw new Invalid("'" + key + "' in '" + name + "' (expected: type, values)");
      }
    }
    return new Entity(type, List.copyOf(values));
  }

  private static void expect(JsonParser parser, JsonToken token, String what) throws Invalid {
    if (parser.currentToken() != token) {
      throw new Invalid(
          what
              + ": expected "
              + switch (token) {
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                default -> "a string";
              });
    }
  }
}
