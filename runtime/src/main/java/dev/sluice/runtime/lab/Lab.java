package dev.sluice.runtime.lab;

import dev.sluice.runtime.trust.JarSigning;
import dev.sluice.runtime.trust.TrustException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A lab and the names of everything in it, whether it is up or not.
///
/// @param name begins the names of its namespaces: 1 to 16 lower-case letters, digits and hyphens
/// @param folder absolute; holds PKI, configuration, bundles and logs
/// @param terminalCount 1..[#MAX_TERMINALS]
/// @param vlan whether terminals and master speak with the tag [#VLAN] on their wires
/// @param backend what the gateway opens its ports by
public record Lab(String name, Path folder, int terminalCount, boolean vlan, LabBackend backend) {
  /// The name of a lab that was given none.
  public static final String DEFAULT_NAME = "sluice";

  /// Most terminals of one lab.
  public static final int MAX_TERMINALS = 100;

  /// The VLAN identifier where there is one.
  public static final int VLAN = 104;

  /// The gateway's port that leads to terminals.
  public static final String TERMINAL_PORT = "term0";

  /// The gateway's port that leads to the master station.
  public static final String MASTER_PORT = "mast0";

  /// The master station's addresses. DTLS is spoken to the first of them too.
  public static final String MASTER_ADDRESS = "10.104.0.1";

  /// The master station's IPv6 address.
  public static final String MASTER_ADDRESS6 = "fd00:104::1";

  /// The master station's hardware address.
  public static final String MASTER_HARDWARE_ADDRESS = "02:53:4c:00:01:01";

  /// UDP port of the terminals' handshake.
  public static final int AUTH_PORT = 2405;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,15}");

  public Lab {
    if (!isName(name)) {
      throw new IllegalArgumentException("no name of a lab: " + name);
    }
    if (terminalCount < 1 || MAX_TERMINALS < terminalCount) {
      throw new IllegalArgumentException("terminals: " + terminalCount);
    }
    folder = folder.toAbsolutePath().normalize();
  }

  /// A lab whose gateway opens its ports by what works best.
  public Lab(String name, Path folder, int terminalCount, boolean vlan) {
    this(name, folder, terminalCount, vlan, LabBackend.BEST);
  }

  /// Whether a lab may be called so.
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /// Makes namespaces, wires, PKI and configuration. What was made is removed again if something
  /// fails.
  ///
  /// @throws LabException if it is up already, a privilege or a program is missing, or a name is in
  ///   use
  public void up() throws LabException {
    LabState.refuseIfPresent(this);
    try {
      LabState.record(this);
      new Wires(this).make();
      writeFiles();
    } catch (LabException e) {
      throw afterRemoval(e);
    } catch (IOException e) {
      throw afterRemoval(new LabException("the lab's files cannot be written: " + e, e));
    }
  }

  /// Writes PKI, configuration and bundles alone, which needs no privilege.
  ///
  /// @throws LabException if one cannot be written or is there already
  public void writeFiles() throws LabException {
    try {
      new TrialFiles(this).write();
    } catch (IOException e) {
      throw new LabException("the lab's files cannot be written: " + e, e);
    }
  }

  /// The lab's own signer of bundles, whom its gateway trusts.
  ///
  /// @throws LabException if the lab has no files
  public JarSigning signing() throws LabException {
    try {
      return TrialFiles.signing(this);
    } catch (TrustException e) {
      throw new LabException("the lab has no signer: " + e.sentence(), e);
    }
  }

  private LabException afterRemoval(LabException cause) {
    try {
      LabState.remove(name, folder);
    } catch (LabException e) {
      cause.addSuppressed(e);
    }
    return cause;
  }

  /// Ends every process in the lab's namespaces and removes the lab with its files.
  ///
  /// @return what was removed, a line each; empty if there was nothing
  public List<String> down() throws LabException {
    return LabState.remove(name, folder);
  }

  /// The namespace of one of its hosts: `gw`, `sw`, `master`, `t1` ...
  String namespace(String host) {
    return name + "-" + host;
  }

  /// The namespace the gateway runs in.
  public String gatewayNamespace() {
    return namespace("gw");
  }

  /// The namespace of the switch between the terminals and the gateway.
  public String switchNamespace() {
    return namespace("sw");
  }

  /// The namespace of the master station.
  public String masterNamespace() {
    return namespace("master");
  }

  /// The interface with the addresses, of terminals and master alike.
  public String stationInterface() {
    return vlan ? LabTerminal.WIRE + "." + VLAN : LabTerminal.WIRE;
  }

  /// The terminals in order.
  public List<LabTerminal> terminals() {
    return IntStream.rangeClosed(1, terminalCount)
        .mapToObj(number -> LabTerminal.of(this, number))
        .toList();
  }

  /// All its namespaces.
  public List<String> namespaces() {
    List<String> all =
        new ArrayList<>(List.of(gatewayNamespace(), switchNamespace(), masterNamespace()));
    terminals().forEach(terminal -> all.add(terminal.namespace()));
    return all;
  }

  /// The folder of the trial PKI.
  public Path pki() {
    return folder.resolve("pki");
  }

  /// The folder of a PKI whose authority has the same name and that nobody trusts.
  public Path roguePki() {
    return folder.resolve("rogue-pki");
  }

  /// The gateway's configuration.
  public Path config() {
    return folder.resolve("config");
  }

  /// The gateway's bundles.
  public Path bundles() {
    return folder.resolve("bundles");
  }

  /// The log of security events, JSON lines.
  public Path events() {
    return folder.resolve("log").resolve("events.jsonl");
  }

  /// The command that starts the gateway, a word each.
  public List<String> gatewayCommand() {
    return List.of(
        "ip",
        "netns",
        "exec",
        gatewayNamespace(),
        home().resolve("sluice").toString(),
        "run",
        "--config",
        config().toString(),
        "--bundles",
        bundles().toString());
  }

  /// The root of the source tree that runs.
  static Path home() {
    return Path.of(System.getProperty("sluice.home", "")).toAbsolutePath();
  }

  /// Where a lab lies that was given no folder: below the user's runtime folder if there is one.
  public static Path defaultFolder(String name) throws LabException {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    Path base =
        runtime != null && Files.isDirectory(Path.of(runtime))
            ? Path.of(runtime)
            : Path.of(System.getProperty("java.io.tmpdir"));
    return base.resolve(name + "-lab-" + LabState.userId());
  }

  /// Everything a script wants to know, as `lab up` prints it.
  public Map<String, String> properties() {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("lab", name);
    lines.put("dir", folder.toString());
    lines.put("vlan", vlan ? Integer.toString(VLAN) : "none");
    lines.put("gateway_ns", gatewayNamespace());
    lines.put("switch_ns", switchNamespace());
    lines.put("master_ns", masterNamespace());
    lines.put("backend", backend.toString());
    lines.put("gateway.port.terminals", TERMINAL_PORT);
    lines.put("gateway.port.masters", MASTER_PORT);
    lines.put("master.if", stationInterface());
    lines.put("master.address", MASTER_ADDRESS);
    lines.put("master.address6", MASTER_ADDRESS6);
    lines.put("master.mac", MASTER_HARDWARE_ADDRESS);
    lines.put("terminals", Integer.toString(terminalCount));
    for (LabTerminal terminal : terminals()) {
      String key = "terminal." + terminal.name().substring(1);
      lines.put(key + ".ns", terminal.namespace());
      lines.put(key + ".if", terminal.interfaceName());
      lines.put(key + ".address", terminal.address());
      lines.put(key + ".address6", terminal.address6());
      lines.put(key + ".mac", terminal.hardwareAddress());
      lines.put(key + ".cert", terminal.certificate().toString());
      lines.put(key + ".key", terminal.key().toString());
    }
    lines.put("auth.address", MASTER_ADDRESS);
    lines.put("auth.port", Integer.toString(AUTH_PORT));
    lines.put("pki", pki().toString());
    lines.put("signer.cert", TrialFiles.signerCertificate(this).toString());
    lines.put("signer.key", TrialFiles.signerKey(this).toString());
    for (TrialFiles.Trial trial : TrialFiles.Trial.values()) {
      lines.put(trial.key() + ".cert", trial.certificate(this).toString());
      lines.put(trial.key() + ".key", trial.keyFile(this).toString());
    }
    lines.put("config", config().toString());
    lines.put("bundles", bundles().toString());
    lines.put("events", events().toString());
    lines.put("gateway.command", String.join(" ", gatewayCommand()));
    return lines;
  }
}
