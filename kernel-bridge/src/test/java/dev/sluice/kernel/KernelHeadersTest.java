package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every number and every layout of the header classes, against the headers of this machine: a C
/// program is made from the Java names and asked what they are in C.
class KernelHeadersTest {
  private static final List<Class<?>> HEADERS =
      List.of(
          IfPacket.class,
          If.class,
          Socket.class,
          Rtnetlink.class,
          UapiEthtool.class,
          PollCalls.class,
          MmapCalls.class,
          SchedCalls.class,
          FileCalls.class,
          EventCalls.class,
          UapiFilter.class,
          UapiBpf.class,
          IfXdp.class,
          EpollCalls.class,
          Errno.class);

  /// Names of ours for what C composes, with the C expression.
  private static final Map<String, String> COMPOSED =
      Map.of(
          "PROT_READ_WRITE", "PROT_READ | PROT_WRITE",
          "VIRTIO_NET_HDR_BYTES", "sizeof(struct virtio_net_hdr)");

  /// Numbers that headers of Linux 6.1 lack: compared where the installed ones have them.
  private static final Set<String> NEWER = Set.of("XDP_MAX_TX_SKB_BUDGET", "XDP_PKT_CONTD");

  /// Layouts that are members of `union bpf_attr`, with what goes before their fields' names in C.
  private static final Map<String, String> MEMBERS =
      Map.of(
          "ATTR_MAP_CREATE", "",
          "ATTR_MAP_ELEM", "",
          "ATTR_PROG_LOAD", "",
          "ATTR_GET_ID", "",
          "ATTR_TEST_RUN", "test.",
          "ATTR_OBJ_GET_INFO", "info.",
          "ATTR_RAW_TRACEPOINT", "raw_tracepoint.",
          "ATTR_LINK_CREATE", "link_create.");

  /// Layouts that stop where a flexible part begins: only the fields are compared.
  private static final Set<String> HEADS =
      Set.of("ethtool_sset_info", "ethtool_gstrings", "ethtool_gfeatures", "bpf_prog_info");

  /// Fields that C has no name for.
  private static final Set<String> OURS = Set.of("sset_mask_high");

  private static final String INCLUDES =
      """
      #define _GNU_SOURCE
      #include <stddef.h>
      #include <stdio.h>
      #include <errno.h>
      #include <fcntl.h>
      #include <poll.h>
      #include <sys/epoll.h>
      #include <sched.h>
      #include <time.h>
      #include <sys/eventfd.h>
      #include <sys/mman.h>
      #include <sys/socket.h>
      #include <linux/mman.h>
      #include <linux/if.h>
      #include <linux/if_arp.h>
      #include <linux/if_ether.h>
      #include <linux/if_packet.h>
      #include <linux/if_xdp.h>
      #include <linux/bpf.h>
      #include <linux/sockios.h>
      #include <linux/virtio_net.h>
      #include <linux/ethtool.h>
      #include <linux/filter.h>
      #include <linux/netlink.h>
      #include <linux/rtnetlink.h>
      int main(void) {
      """;

  @TempDir private Path folder;

  @Test
  void numbersAndLayoutsAreThoseOfTheInstalledHeaders() throws Exception {
    Map<String, Long> ours = new LinkedHashMap<>();
    for (Class<?> header : HEADERS) {
      collect(header, ours);
    }
    Map<String, Long> installed = ask(ours);
    assertTrue(ours.size() > 200, "only " + ours.size() + " facts were compared");
    Map<String, Long> wrong = new LinkedHashMap<>(ours);
    wrong.entrySet().removeAll(installed.entrySet());
    assertEquals(Map.of(), wrong);
  }

  /// C expressions with the values that Java has for them.
  private static void collect(Class<?> header, Map<String, Long> facts)
      throws IllegalAccessException {
    for (Field field : header.getDeclaredFields()) {
      int modifiers = field.getModifiers();
      if (!Modifier.isStatic(modifiers) || Modifier.isPrivate(modifiers)) {
        continue;
      }
      if (field.getType() == int.class) {
        String name = field.getName();
        facts.put(COMPOSED.getOrDefault(name, name), (long) field.getInt(null));
      } else if (field.getType() == long.class) {
        facts.put(field.getName(), field.getLong(null));
      } else if (field.get(null) instanceof StructLayout layout) {
        String member = MEMBERS.get(field.getName());
        if (member == null) {
          String struct = layout.name().orElseThrow();
          collect(layout, "struct " + struct, "", !HEADS.contains(struct), facts);
        } else {
          collect(layout, "union bpf_attr", member, false, facts);
        }
      }
    }
  }

  private static void collect(
      StructLayout layout, String type, String prefix, boolean whole, Map<String, Long> facts) {
    if (whole) {
      facts.put("sizeof(" + type + ")", layout.byteSize());
    }
    for (MemoryLayout member : layout.memberLayouts()) {
      if (member instanceof PaddingLayout || OURS.contains(member.name().orElseThrow())) {
        continue;
      }
      String name = member.name().orElseThrow();
      long at = layout.byteOffset(PathElement.groupElement(name));
      facts.put("offsetof(" + type + ", " + prefix + name + ")", at);
      if (!name.equals("sset_mask")) { // 64 bits in C, taken in halves here
        facts.put("sizeof(((" + type + " *) 0)->" + prefix + name + ")", member.byteSize());
      }
    }
  }

  private Map<String, Long> ask(Map<String, Long> ours) throws IOException, InterruptedException {
    Set<String> expressions = ours.keySet();
    StringBuilder program = new StringBuilder(INCLUDES);
    for (String expression : expressions) {
      if (NEWER.contains(expression)) {
        program.append(
            "#ifndef %1$s\n#define %1$s %2$d\n#endif\n"
                .formatted(expression, ours.get(expression)));
      }
      program.append("  printf(\"%lld\\n\", (long long) (").append(expression).append("));\n");
    }
    Path source = folder.resolve("facts.c");
    Files.writeString(source, program.append("  return 0;\n}\n"));
    Path binary = folder.resolve("facts");
    compile(source, binary);
    List<String> answers = LabNetwork.run(binary.toString()).lines().toList();
    Map<String, Long> installed = new LinkedHashMap<>();
    int at = 0;
    for (String expression : expressions) {
      installed.put(expression, Long.parseLong(answers.get(at)));
      at++;
    }
    return installed;
  }

  private static void compile(Path source, Path binary) {
    if (!Files.exists(Path.of("/usr/include/linux/if_packet.h"))) {
      skip("the kernel headers are not installed");
    }
    try {
      assertEquals("", LabNetwork.run("cc", "-w", "-o", binary.toString(), source.toString()));
    } catch (UncheckedIOException e) {
      skip("there is no C compiler: " + e.getMessage());
    }
  }

  private static void skip(String why) {
    System.err.println("SKIPPED KernelHeadersTest: " + why);
    abort(why);
  }
}
