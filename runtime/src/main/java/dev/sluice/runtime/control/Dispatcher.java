package dev.sluice.runtime.control;

import static java.util.Map.entry;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.events.EventTail;
import dev.sluice.runtime.events.Json;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Understands a request, has it done and shapes the answer. Any thread.
final class Dispatcher {
  /// How an order ends that brings a bundle into the chain.
  private static final Set<Answer.Outcome> GOOD =
      Set.of(Answer.Outcome.ACTIVE, Answer.Outcome.IN_FORCE);

  private static final long FOLLOW_MILLIS = 1000;
  private static final int MOST_SECONDS = 600;
  private static final String OK = "{\"ok\":true}";

  private final Operations operations;
  private final EventTail tail;
  private final EventLog log;

  private final Map<String, Command> commands =
      Map.ofEntries(
          entry("bundles", (request, out) -> view(request, out, "bundles")),
          entry("generations", (request, out) -> view(request, out, "generations")),
          entry("pipeline", (request, out) -> view(request, out, "pipeline")),
          entry("status", (request, out) -> view(request, out, "status")),
          entry("deploy", this::deploy),
          entry("undeploy", this::undeploy),
          entry("rollback", this::rollback),
          entry("release", this::release),
          entry("trace", this::trace),
          entry("events", this::events));

  /// One command's way from request to answer.
  private interface Command {
    void run(Request request, Output out)
        throws WrongCallException, ControlException, InterruptedException, IOException;
  }

  /// Something that the operator wants changed.
  private interface Order {
    Answer run() throws ControlException, InterruptedException;
  }

  /// A request whose command is known.
  ///
  /// @param by the user who asks
  private record Request(String command, RequestFields fields, String by) {}

  Dispatcher(Operations operations, EventTail tail, EventLog log) {
    this.operations = operations;
    this.tail = tail;
    this.log = log;
  }

  /// Answers one request, whatever it is.
  ///
  /// @param line one JSON object
  /// @param by the user who asks
  /// @throws IOException if the client does not hear the answer
  void answer(String line, String by, Output out) throws IOException, InterruptedException {
    try {
      RequestFields fields = fields(line);
      String name = fields.text("command");
      Command command = commands.get(name);
      if (command == null) {
        throw new WrongCallException(
            "there is no such command; allowed: " + new TreeSet<>(commands.keySet()));
      }
      command.run(new Request(name, fields, by), out);
    } catch (WrongCallException e) {
      refuse(out, "call", String.valueOf(e.getMessage()));
    } catch (ControlException e) {
      refuse(out, "refused", String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // The client must not wait for nothing, and the operator must know.
      String at = String.valueOf(List.of(e.getStackTrace()).stream().findFirst().orElse(null));
      log.report(Severity.WARNING, "control-failed", Map.of("cause", e.toString(), "at", at));
      refuse(out, "refused", "the gateway failed to answer: " + e);
    }
  }

  private static RequestFields fields(String line) throws WrongCallException {
    try {
      return new RequestFields(JsonReader.object(line));
    } catch (ControlException e) {
      throw new WrongCallException("the request is " + e.getMessage());
    }
  }

  /// Tells that nothing was done.
  ///
  /// @param fault `call`, `refused` or `busy`
  static void refuse(Output out, String fault, String sentence) throws IOException {
    out.lines(List.of(refusal(fault, sentence)));
  }

  /// The line that says so.
  static String refusal(String fault, String sentence) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("ok", false);
    members.put("fault", fault);
    members.put("error", sentence);
    return Json.text(members);
  }

  private static void send(Output out, boolean ok, String name, Object value) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("ok", ok);
    members.put(name, Shapes.of(value));
    out.lines(List.of(Json.text(members)));
  }

  private void view(Request request, Output out, String name)
      throws WrongCallException, ControlException, InterruptedException, IOException {
    request.fields().refuseUnknown();
    Object view =
        switch (name) {
          case "bundles" -> operations.bundles();
          case "generations" -> operations.generations();
          case "pipeline" -> operations.pipeline();
          default -> operations.status();
        };
    send(out, true, name, view);
  }

  private void deploy(Request request, Output out)
      throws WrongCallException, ControlException, InterruptedException, IOException {
    String file = request.fields().text("file");
    boolean downgrade = request.fields().flag("downgrade");
    request.fields().refuseUnknown();
    Path path = absolute(file);
    order(request, out, file, GOOD, () -> operations.deploy(path, downgrade));
  }

  private static Path absolute(String file) throws WrongCallException {
    try {
      Path path = Path.of(file);
      if (path.isAbsolute()) {
        return path.normalize();
      }
    } catch (InvalidPathException e) {
      throw new WrongCallException("\"file\" is no path of this system: " + e.getReason());
    }
    throw new WrongCallException("\"file\" is " + file + "; allowed: an absolute path");
  }

  private void undeploy(Request request, Output out)
      throws WrongCallException, ControlException, InterruptedException, IOException {
    String name = name(request);
    order(request, out, name, Set.of(Answer.Outcome.REMOVED), () -> operations.undeploy(name));
  }

  private void rollback(Request request, Output out)
      throws WrongCallException, ControlException, InterruptedException, IOException {
    String name = name(request);
    order(
        request,
        out,
        name,
        Set.of(Answer.Outcome.ROLLED_BACK, Answer.Outcome.ACTIVE),
        () -> operations.rollback(name));
  }

  private void release(Request request, Output out)
      throws WrongCallException, ControlException, InterruptedException, IOException {
    String name = name(request);
    order(request, out, name, GOOD, () -> operations.release(name));
  }

  private static String name(Request request) throws WrongCallException {
    String name = request.fields().text("name");
    request.fields().refuseUnknown();
    return name;
  }

  /// Has an order carried out, and puts into the event log who gave it.
  private void order(
      Request request, Output out, String object, Set<Answer.Outcome> good, Order order)
      throws ControlException, InterruptedException, IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("command", request.command());
    fields.put("object", object);
    fields.put("by", request.by());
    log.report(Severity.INFO, "control-order", fields);
    Answer answer = order.run();
    send(out, good.contains(answer.outcome()), "answer", answer);
  }

  private void trace(Request request, Output out)
      throws WrongCallException, ControlException, InterruptedException, IOException {
    int count = (int) request.fields().number("count", 10, 1, Operations.MOST_TRACED);
    long seconds = request.fields().number("seconds", 10, 1, MOST_SECONDS);
    String filter = request.fields().text("filter", "");
    request.fields().refuseUnknown();
    TraceFilter parsed;
    try {
      parsed = TraceFilter.parse(filter);
    } catch (FilterException e) {
      throw new WrongCallException(String.valueOf(e.getMessage()));
    }
    send(out, true, "trace", operations.trace(count, parsed, Duration.ofSeconds(seconds)));
  }

  private void events(Request request, Output out)
      throws WrongCallException, InterruptedException, IOException {
    int last = (int) request.fields().number("last", 20, 0, EventTail.CAPACITY);
    boolean follow = request.fields().flag("follow");
    Severity least = request.fields().choice("severity", Severity.class, Severity.INFO);
    String pattern = request.fields().text("event", "*");
    request.fields().refuseUnknown();
    if (pattern.length() > Glob.MOST_CHARS) {
      throw new WrongCallException(
          "\"event\" has " + pattern.length() + " letters; allowed: " + Glob.MOST_CHARS);
    }
    Glob names = new Glob(pattern);
    Predicate<EventTail.Event> wanted =
        event -> event.severity().compareTo(least) >= 0 && names.matches(event.name());
    if (follow) {
      follow(last, wanted, out);
    } else {
      out.lines(List.of(OK));
      out.lines(tail.last(last, wanted).stream().map(EventTail.Event::json).toList());
    }
  }

  /// Until the client is gone or the gateway stops.
  private void follow(int last, Predicate<EventTail.Event> wanted, Output out)
      throws InterruptedException, IOException {
    try (EventTail.Subscription subscription = tail.subscribe(last, wanted)) {
      // What happens after the client has read this is not missed.
      out.lines(List.of(OK));
      while (true) {
        EventTail.Taken taken = subscription.take(FOLLOW_MILLIS);
        List<String> lines = new ArrayList<>();
        taken.events().forEach(event -> lines.add(event.json()));
        if (taken.lost() > 0) {
          lines.add(Json.text(Map.of("eventsLost", taken.lost())));
        }
        out.lines(lines);
      }
    }
  }
}
