package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.pipeline.Chain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every way in which a bundle can be bad: a sentence that names the cause, and a chain that is as
/// it was.
class BrokenBundlesTest {
  private static final String PLAIN = "public Guard(Map<String, Object> p) {}";

  @TempDir Path folder;

  /// Puts a bad bundle into a folder.
  private interface Maker {
    void put(Path bundles) throws IOException;
  }

  /// One row: what is bad, and how the sentence begins.
  private record Bad(String what, Maker maker, String sentence) {}

  private Jars named(String name) {
    return Jars.bundle(folder, name, "1.0");
  }

  /// A handler, and before it in the order of names the service that it cannot do without.
  private Jars twoComponents() {
    return Jars.bundle(folder, "bad", "1.0")
        .source(
            "guard.Guard",
            """
            package guard;
            import dev.sluice.plugin.*;
            public class Guard implements PacketHandler {
              public static class Zone {
                public Zone() throws SettingsException {
                  throw new SettingsException("bad.cfg: a = 1: allowed: 2");
                }
              }
              public Guard(Zone zone) {}
              public Verdict receive(Packet packet) { return Verdict.PASS; }
            }
            """)
        .header("Service-Component", "OSGI-INF/guard.xml, OSGI-INF/zone.xml")
        .entry(
            "OSGI-INF/guard.xml",
            """
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="guard" init="1">
              <property name="sluice.stage" type="String" value="FILTER"/>
              <property name="sluice.order" type="Integer" value="10"/>
              <service scope="prototype">
                <provide interface="dev.sluice.plugin.PacketHandler"/>
              </service>
              <reference name="$000" interface="guard.Guard$Zone" parameter="0"/>
              <implementation class="guard.Guard"/>
            </scr:component>
            """)
        .entry(
            "OSGI-INF/zone.xml",
            """
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="zone"
                immediate="true">
              <service><provide interface="guard.Guard$Zone"/></service>
              <implementation class="guard.Guard$Zone"/>
            </scr:component>
            """);
  }

  private Jars activator(String body) {
    return named("bad")
        .header("Bundle-Activator", "bad.Start")
        .header("Import-Package", "org.osgi.framework")
        .source(
            "bad.Start",
            "package bad; public class Start implements org.osgi.framework.BundleActivator {"
                + "public void start(org.osgi.framework.BundleContext c) throws Exception {"
                + body
                + "} public void stop(org.osgi.framework.BundleContext c) {} }");
  }

  private Jars handler(String scope, String stage) {
    return Jars.guard(folder, "bad", "1.0", PLAIN)
        .component("bad", "guard.Guard", scope, stage, "optional");
  }

  private List<Bad> rows() {
    return List.of(
        bad(
            "no ZIP file",
            to -> Files.writeString(to.resolve("x.jar"), "hello"),
            "it is not a whole JAR file"),
        bad(
            "an empty file",
            to -> Files.createFile(to.resolve("x.jar")),
            "it is not a whole JAR file"),
        bad("a truncated file", this::truncated, "it is not a whole JAR file"),
        bad("a damaged entry", this::damaged, "it is not a whole JAR file"),
        bad(
            "no symbolic name",
            to -> named("bad").without("Bundle-SymbolicName").into(to, "x.jar"),
            "its manifest has no Bundle-SymbolicName"),
        bad(
            "a symbolic name with a blank",
            to -> named("a b").into(to, "x.jar"),
            "its Bundle-SymbolicName = a b; allowed"),
        bad(
            "a bad version",
            to -> Jars.bundle(folder, "bad", "one").into(to, "x.jar"),
            "its Bundle-Version = one; allowed"),
        bad(
            "a fragment",
            to ->
                named("bad")
                    .header("Fragment-Host", "system.bundle;extension:=framework")
                    .into(to, "x.jar"),
            "it is a fragment of system.bundle"),
        bad(
            "an embedded API",
            to -> named("bad").entry("dev/sluice/plugin/Packet.class", "x").into(to, "x.jar"),
            "it contains dev/sluice/plugin/Packet.class, which the gateway provides"),
        bad(
            "an embedded view in a folder of another version",
            to ->
                named("bad")
                    .entry("META-INF/versions/25/dev/sluice/wire/Udp.class", "x")
                    .into(to, "x.jar"),
            "it contains META-INF/versions/25/dev/sluice/wire/Udp.class"),
        bad(
            "a package that is not there",
            to ->
                named("bad")
                    .header("Import-Package", "com.missing;version=\"[1,2)\"")
                    .into(to, "x.jar"),
            "it does not resolve: nothing here offers package com.missing, version >= 1.0.0"),
        bad(
            "an API of the future",
            to ->
                named("bad")
                    .header("Import-Package", "dev.sluice.plugin;version=\"[2,3)\"")
                    .into(to, "x.jar"),
            "it was written for dev.sluice.plugin [2,3), and this gateway has 1."),
        bad(
            "a capability that is not there",
            to ->
                named("bad")
                    .header("Require-Capability", "space.ship;filter:=\"(warp=9)\"")
                    .into(to, "x.jar"),
            "it does not resolve: nothing here offers"),
        bad(
            "an activator that throws",
            to -> activator("throw new IllegalStateException(\"no licence\");").into(to, "x.jar"),
            "its activator failed: IllegalStateException: no licence"),
        bad(
            "an activator that is not there",
            to -> named("bad").header("Bundle-Activator", "no.Such").into(to, "x.jar"),
            "the framework refused it: Not found: no.Such"),
        bad(
            "an activator that never ends",
            to -> activator("Thread.sleep(1_000_000);").into(to, "x.jar"),
            "its start did not end within 1000 ms"),
        bad(
            "no component",
            to -> named("bad").into(to, "x.jar"),
            "it has no component that offers a dev.sluice.plugin.PacketHandler service"),
        bad(
            "a component that waits for a configuration",
            to ->
                Jars.guard(folder, "bad", "1.0", PLAIN)
                    .component("bad", "guard.Guard", "prototype", "FILTER", "require")
                    .into(to, "x.jar"),
            "it offered no handler within 300 ms: its component bad needs a configuration: config/bad.cfg"),
        bad(
            "a constructor that throws",
            to ->
                Jars.guard(
                        folder,
                        "bad",
                        "1.0",
                        "public Guard(Map<String, Object> p) { throw new IllegalStateException(\"no\"); }")
                    .into(to, "x.jar"),
            "IllegalStateException: no"),
        bad(
            "a constructor that refuses a setting",
            to ->
                Jars.guard(
                        folder,
                        "bad",
                        "1.0",
                        "public Guard(Map<String, Object> p) throws SettingsException { throw new SettingsException(\"bad.cfg: a = 1: allowed: 2\"); }")
                    .into(to, "x.jar"),
            "bad.cfg: a = 1: allowed: 2"),
        bad(
            "a component of its own that refuses a setting",
            to -> twoComponents().into(to, "x.jar"),
            "bad.cfg: a = 1: allowed: 2"),
        bad(
            "a static initialiser that throws",
            to ->
                Jars.guard(
                        folder,
                        "bad",
                        "1.0",
                        "static { if (true) throw new IllegalStateException(\"static\"); } public Guard(Map<String, Object> p) {}")
                    .into(to, "x.jar"),
            "ExceptionInInitializerError"),
        bad(
            "a class that is not there",
            to ->
                named("bad")
                    .component("bad", "no.Such", "prototype", "FILTER", "optional")
                    .into(to, "x.jar"),
            "its component's class no.Such cannot be loaded: ClassNotFoundException"),
        bad(
            "a handler in singleton scope",
            to -> handler("singleton", "FILTER").into(to, "x.jar"),
            "its PacketHandler is shared; allowed: scope = prototype"),
        bad(
            "a handler in bundle scope",
            to -> handler("bundle", "FILTER").into(to, "x.jar"),
            "its PacketHandler is shared; allowed: scope = prototype"),
        bad(
            "a stage that is not there",
            to -> handler("prototype", "LAST").into(to, "x.jar"),
            "its sluice.stage = LAST; allowed: [SANITY, AUTHENTICATE, INSPECT, FILTER, OBSERVE]"));
  }

  private static Bad bad(String what, Maker maker, String sentence) {
    return new Bad(what, maker, sentence);
  }

  private void truncated(Path to) throws IOException {
    byte[] whole =
        Files.readAllBytes(Jars.guard(folder, "bad", "1.0", PLAIN).into(folder, "w.jar"));
    Files.write(to.resolve("x.jar"), Arrays.copyOf(whole, whole.length - 40));
  }

  private void damaged(Path to) throws IOException {
    byte[] whole =
        Files.readAllBytes(Jars.guard(folder, "bad", "1.0", PLAIN).into(folder, "w.jar"));
    whole[whole.length / 3] ^= 0x5a;
    Files.write(to.resolve("x.jar"), whole);
  }

  @Test
  void eachIsRefusedWithItsCauseAndLeavesTheChainAsItWas() throws Exception {
    RecordedEvents events = new RecordedEvents();
    RecordedChains chains = new RecordedChains();
    BlockingQueue<Outcome> outcomes = new ArrayBlockingQueue<>(100);
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        """
        ports = memory:a memory:b
        bundle-trust = development
        canary-packets = 0
        required-bundles = none
        """);
    Jars.guard(folder, "good", "1.0", PLAIN).into(bundles, "good.jar");
    try (Host host = Host.boot(Distribution.find(), config, folder.resolve("state"), events);
        Bundles watching =
            new Bundles(
                host,
                new Bundles.Folders(bundles, config, folder.resolve("state")),
                new Bundles.Limits(Duration.ofMillis(300), Duration.ofSeconds(1)),
                GatewaySettings.read(config),
                new ChainSwitch(chains, strategy -> packet -> 0, events),
                events,
                outcomes::add)) {
      watching.start();
      assertTrue(outcomes.poll(5, TimeUnit.SECONDS) instanceof Outcome.Active);
      Chain before = chains.last();
      int loaded = host.context().getBundles().length;
      for (Bad row : rows()) {
        row.maker().put(bundles);
        Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
        assertTrue(outcome instanceof Outcome.Refused, row.what() + ": " + outcome);
        String cause = ((Outcome.Refused) outcome).cause();
        assertTrue(cause.startsWith(row.sentence()), row.what() + ": " + cause);
        assertTrue(!cause.isBlank() && !cause.contains("\n"), row.what() + ": " + cause);
        assertSame(before, chains.last(), row.what());
        Files.deleteIfExists(bundles.resolve("x.jar"));
        Thread.sleep(250);
      }
      assertEquals(List.of(), List.copyOf(outcomes));
      assertEquals(rows().size(), events.named("bundle-refused").size());
      try (var kept = Files.list(folder.resolve("state/store"))) {
        assertTrue(kept.count() <= 2, "the good bundle's copy, and the place of the next");
      }
      // The one whose start never ends cannot be taken away; every other one is.
      assertTrue(host.context().getBundles().length <= loaded + 1);
    }
  }
}
