package dev.sluice.runtime.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.XdpSupport;
import dev.sluice.runtime.pipeline.Supports;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
  private static final List<String> ALL =
      List.of("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_BPF");
  private static final Machine ROOT =
      new Machine("6.1.0", OptionalLong.of(3), ALL, List.of(), false);
  private static final Machine USER =
      new Machine("6.1.0", OptionalLong.empty(), List.of(), ALL, false);

  @TempDir Path proc;

  private final List<String> tried = new ArrayList<>();

  /// `z*` can do all, `c*` copies, `g*` has no XDP, `used*` has an address, others are not there.
  private final class FakeKernel implements Probe.Kernel {
    @Override
    public void requireFit(String name) throws KernelException {
      if (name.startsWith("used")) {
        throw new KernelException(name + " has the address 192.0.2.1/24: remove it.");
      }
      if (!name.matches("[zcg]\\d")) {
        throw new KernelException(name + " is not there", 19);
      }
    }

    @Override
    public XdpSupport support(String name) {
      tried.add(name);
      return switch (name.charAt(0)) {
        case 'z' -> Supports.zeroCopy(name, 4);
        case 'g' -> Supports.generic(name);
        default -> Supports.copying(name);
      };
    }
  }

  private ProbeReport look(Machine machine, boolean tryAll, String... names)
      throws KernelException {
    return new Probe(machine, new FakeKernel()).look(List.of(names), tryAll);
  }

  @Test
  void tableSaysWhatAPlainNameWouldBeAndWhy() throws Exception {
    String table = look(ROOT, false, "z1", "g2").table();
    assertTrue(
        table.contains(
            "z1              ixgbe        in driver      yes       4/4     1500 (1770)"
                + " xdp:z1\n"),
        table);
    assertTrue(
        table.contains(
            "g2              r8169        behind driver  no        1/1     1500 (1770)"
                + " packet:g2\n"),
        table);
    assertTrue(table.contains("z1: XDP in the driver ixgbe, without a copy\n"), table);
    assertTrue(table.contains("g2: no AF_XDP with the driver r8169: "), table);
    assertTrue(table.contains("kernel: 6.1.0\n"), table);
    assertTrue(table.contains("capabilities: all that a gateway needs: CAP_NET_ADMIN"), table);
    assertTrue(table.contains("3 free of 2 MiB, a gateway with these ports uses 34"), table);
    assertTrue(table.contains("`sysctl vm.nr_hugepages=34`"), table);
  }

  @Test
  void interfacesAreJudgedAsPortsOfOneGateway() throws Exception {
    String table = look(ROOT, false, "z1", "c2").table();
    assertTrue(table.contains("z1: XDP in the driver ixgbe, copied because all ports must agree"));
  }

  @Test
  void userWithoutCapabilitiesIsToldWhatCannotBeFoundOut() throws Exception {
    ProbeReport report = look(USER, false, "z1");
    String table = report.table();
    assertTrue(table.contains("not found out: whether XDP works, and what a plain name is"), table);
    assertTrue(table.contains("lacks CAP_NET_ADMIN, CAP_NET_RAW, CAP_IPC_LOCK, CAP_BPF;"), table);
    assertTrue(table.contains("an unknown number of free of 2 MiB"), table);
    assertTrue(table.contains("z1              ixgbe        ?              ?         4/4"), table);
    String json = report.json();
    assertFalse(json.contains("nativeXdp") || json.contains("plainName"), json);
    assertTrue(json.contains("\"missingCapabilities\":[\"CAP_NET_ADMIN\""), json);
  }

  @Test
  void userNamespaceIsToldApartFromRoot() throws Exception {
    Machine unshared = new Machine("6.1.0", OptionalLong.of(0), ALL, List.of(), true);
    String table = look(unshared, false, "z1").table();
    assertTrue(table.contains("bpf(2) does not work in a user namespace"), table);
  }

  @Test
  void interfaceThatTheHostUsesIsNotTriedUnlessAskedFor() throws Exception {
    String table = look(ROOT, false, "used1", "c1").table();
    assertEquals(List.of("c1"), tried);
    assertTrue(table.contains("used1: used1 has the address 192.0.2.1/24: remove it. Nothing"));
    assertTrue(look(ROOT, true, "used1").table().contains("xdp:used1"));
    assertEquals(List.of("c1", "used1"), tried);
  }

  @Test
  void unknownInterfaceIsOneSentence() {
    KernelException refused =
        assertThrows(KernelException.class, () -> look(ROOT, true, "c1", "eth9"));
    assertEquals("eth9 is not there", refused.getMessage());
  }

  @Test
  void jsonIsOneObjectOnOneLine() throws Exception {
    String json = look(ROOT, false, "z1").json();
    assertEquals(
        "{\"machine\":{\"kernel\":\"6.1.0\",\"hugePages\":{\"free\":3,\"needed\":46},"
            + "\"capabilities\":[\"CAP_NET_ADMIN\",\"CAP_NET_RAW\",\"CAP_IPC_LOCK\",\"CAP_BPF\"],"
            + "\"missingCapabilities\":[],\"userNamespace\":false},\"interfaces\":[{"
            + "\"interface\":\"z1\",\"fit\":true,\"driver\":\"ixgbe\",\"driverVersion\":\"1.0\","
            + "\"receiveQueues\":4,\"transmitQueues\":4,\"mtu\":1500,\"mostMtu\":1770,"
            + "\"offloads\":[],\"nativeXdp\":true,\"genericXdp\":true,\"zeroCopy\":true,"
            + "\"plainName\":\"xdp\","
            + "\"reason\":\"XDP in the driver ixgbe, without a copy\",\"advice\":[]}]}",
        json);
  }

  private void proc(String file, String content) throws Exception {
    Path path = proc.resolve(file);
    Files.createDirectories(path.resolveSibling(""));
    Files.writeString(path, content);
  }

  @Test
  void machineIsReadFromProc() throws Exception {
    proc("sys/kernel/osrelease", "6.18.0-test\n");
    proc("meminfo", "MemTotal: 1 kB\nHugePages_Free:        7\nHugepagesize:       2048 kB\n");
    proc("self/status", "Name:\tjava\nCapEff:\t0000008000003000\n");
    proc("self/uid_map", "         0          0 4294967295\n");
    assertEquals(
        new Machine(
            "6.18.0-test",
            OptionalLong.of(7),
            List.of("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_BPF"),
            List.of("CAP_IPC_LOCK"),
            false),
        Machine.read(proc));
    proc("self/uid_map", "         0       1000          1\n");
    assertTrue(Machine.read(proc).userNamespace());
    proc("meminfo", "HugePages_Free:        7\nHugepagesize:    1048576 kB\n");
    assertEquals(OptionalLong.empty(), Machine.read(proc).hugePagesFree());
  }

  @Test
  void whatCannotBeReadIsNotKnown() {
    Machine machine = Machine.read(proc.resolve("nowhere"));
    assertEquals(ALL, machine.missing());
    assertEquals(OptionalLong.empty(), machine.hugePagesFree());
    assertFalse(machine.canTry());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "xdp:eth1", "eth1@0", "eth1 eth1", "eth1 --all", "eth1 --json=1"})
  void wrongCallIsRefusedWithTwo(String words) {
    assertEquals(2, run(words.isEmpty() ? List.of() : List.of(words.split(" ", -1))));
  }

  @Test
  void interfaceThatIsNotThereIsRefusedWithOne() {
    assertEquals(1, run(List.of("no-such-if")));
    assertEquals(0, run(List.of("--help")));
  }

  private static int run(List<String> words) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setOut(quiet);
    System.setErr(quiet);
    try {
      return ProbeCommand.run(words);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
