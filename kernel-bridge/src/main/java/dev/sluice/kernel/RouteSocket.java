package dev.sluice.kernel;

import static dev.sluice.kernel.Rtnetlink.STRUCT_IFADDRMSG;
import static dev.sluice.kernel.Rtnetlink.STRUCT_IFINFOMSG;
import static dev.sluice.kernel.Rtnetlink.STRUCT_NLMSGHDR;
import static dev.sluice.kernel.Rtnetlink.STRUCT_RTATTR;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Asks the kernel for the links and addresses of this thread's network namespace, rtnetlink(7).
/// The answer is right wherever /proc and /sys come from. For set-up only.
final class RouteSocket {
  /// A link.
  ///
  /// @param index its number
  /// @param master number of the bridge or bond it is part of, 0 for none
  /// @param below number of the link it sits on in the same namespace, 0 for none
  record Link(int index, String name, String kind, int master, int below) {}

  /// An address of a link.
  ///
  /// @param bytes 4 of IPv4 or 16 of IPv6
  /// @param prefixLength in bits
  record Address(int index, List<Byte> bytes, int prefixLength) {}

  /// An XDP program on a link.
  ///
  /// @param id the kernel's number for it
  /// @param generic whether it runs behind the driver
  record Program(int id, boolean generic) {}

  private static final int ANSWER_BYTES = 1 << 16;
  private static final long HEAD_BYTES = STRUCT_NLMSGHDR.byteSize();
  private static final long TYPE = IfPacket.offset(STRUCT_NLMSGHDR, "nlmsg_type");
  private static final long FLAGS = IfPacket.offset(STRUCT_NLMSGHDR, "nlmsg_flags");
  private static final long LINK_INDEX = IfPacket.offset(STRUCT_IFINFOMSG, "ifi_index");
  private static final long PREFIX = IfPacket.offset(STRUCT_IFADDRMSG, "ifa_prefixlen");
  private static final long ADDRESS_INDEX = IfPacket.offset(STRUCT_IFADDRMSG, "ifa_index");

  private RouteSocket() {}

  static List<Link> links() throws KernelException {
    List<Link> links = new ArrayList<>();
    dump(
        Rtnetlink.RTM_GETLINK,
        STRUCT_IFINFOMSG.byteSize(),
        (type, message) -> {
          if (type == Rtnetlink.RTM_NEWLINK) {
            links.add(link(message));
          }
        });
    return links;
  }

  static List<Address> addresses() throws KernelException {
    List<Address> addresses = new ArrayList<>();
    dump(
        Rtnetlink.RTM_GETADDR,
        STRUCT_IFADDRMSG.byteSize(),
        (type, message) -> {
          if (type == Rtnetlink.RTM_NEWADDR) {
            addresses.add(address(message));
          }
        });
    return addresses;
  }

  /// The XDP program that a link has.
  static Optional<Program> program(int index) throws KernelException {
    List<Program> found = new ArrayList<>();
    dump(
        Rtnetlink.RTM_GETLINK,
        STRUCT_IFINFOMSG.byteSize(),
        (type, message) -> {
          if (type == Rtnetlink.RTM_NEWLINK
              && message.get(JAVA_INT_UNALIGNED, LINK_INDEX) == index) {
            attribute(message.asSlice(STRUCT_IFINFOMSG.byteSize()), Rtnetlink.IFLA_XDP)
                .map(RouteSocket::program)
                .filter(program -> program.id() != 0)
                .ifPresent(found::add);
          }
        });
    return found.stream().findFirst();
  }

  private static Program program(MemorySegment xdp) {
    boolean generic =
        attribute(xdp, Rtnetlink.IFLA_XDP_ATTACHED)
            .filter(value -> value.get(JAVA_BYTE, 0) == Rtnetlink.XDP_ATTACHED_SKB)
            .isPresent();
    return new Program(number(xdp, Rtnetlink.IFLA_XDP_PROG_ID), generic);
  }

  /// Takes the XDP program off a link, unless a process holds it there.
  static void detach(int index, Program program) throws KernelException {
    int flags = program.generic() ? Rtnetlink.XDP_FLAGS_SKB_MODE : Rtnetlink.XDP_FLAGS_DRV_MODE;
    setXdp(index, -1, flags);
  }

  /// Asks for an XDP program on a link; whether it came about is for the caller to see.
  ///
  /// @param program its descriptor, -1 for none
  /// @param flags `XDP_FLAGS_*`
  static void setXdp(int index, int program, int flags) throws KernelException {
    int each = (int) STRUCT_RTATTR.byteSize() + Integer.BYTES;
    int nested = (int) STRUCT_RTATTR.byteSize() + 2 * each;
    int fd = open();
    try (Arena arena = Arena.ofConfined()) {
      long bodyBytes = STRUCT_IFINFOMSG.byteSize() + nested;
      MemorySegment request = request(arena, Rtnetlink.RTM_SETLINK, Rtnetlink.NLM_F_ACK, bodyBytes);
      MemorySegment body = request.asSlice(HEAD_BYTES);
      body.set(JAVA_INT_UNALIGNED, LINK_INDEX, index);
      MemorySegment xdp = body.asSlice(STRUCT_IFINFOMSG.byteSize());
      writeHead(xdp, 0, nested, Rtnetlink.IFLA_XDP | Rtnetlink.NLA_F_NESTED);
      writeHead(xdp, 4, each, Rtnetlink.IFLA_XDP_FD);
      xdp.set(JAVA_INT_UNALIGNED, 8, program);
      writeHead(xdp, 12, each, Rtnetlink.IFLA_XDP_FLAGS);
      xdp.set(JAVA_INT_UNALIGNED, 16, flags);
      String what = "Setting the XDP program of a link";
      Errno.require(SocketCalls.send(fd, request, request.byteSize()), what);
      Errno.require(SocketCalls.recv(fd, arena.allocate(ANSWER_BYTES, 4)), what);
    } finally {
      FileCalls.close(fd);
    }
  }

  private static void writeHead(MemorySegment attributes, long at, int bytes, int type) {
    attributes.set(JAVA_SHORT_UNALIGNED, at, (short) bytes);
    attributes.set(JAVA_SHORT_UNALIGNED, at + 2, (short) type);
  }

  private static Link link(MemorySegment message) {
    MemorySegment attributes = message.asSlice(STRUCT_IFINFOMSG.byteSize());
    String kind =
        attribute(attributes, Rtnetlink.IFLA_LINKINFO)
            .flatMap(info -> attribute(info, Rtnetlink.IFLA_INFO_KIND))
            .map(RouteSocket::text)
            .orElse("");
    boolean elsewhere = attribute(attributes, Rtnetlink.IFLA_LINK_NETNSID).isPresent();
    return new Link(
        message.get(JAVA_INT_UNALIGNED, LINK_INDEX),
        attribute(attributes, Rtnetlink.IFLA_IFNAME).map(RouteSocket::text).orElse(""),
        kind,
        number(attributes, Rtnetlink.IFLA_MASTER),
        elsewhere ? 0 : number(attributes, Rtnetlink.IFLA_LINK));
  }

  private static Address address(MemorySegment message) {
    MemorySegment attributes = message.asSlice(STRUCT_IFADDRMSG.byteSize());
    // On a point-to-point link the address is the peer's, and the local one is ours.
    MemorySegment bytes =
        attribute(attributes, Rtnetlink.IFA_LOCAL)
            .or(() -> attribute(attributes, Rtnetlink.IFA_ADDRESS))
            .orElse(MemorySegment.NULL);
    List<Byte> copy = new ArrayList<>();
    for (byte each : bytes.toArray(JAVA_BYTE)) {
      copy.add(each);
    }
    return new Address(
        message.get(JAVA_INT_UNALIGNED, ADDRESS_INDEX),
        List.copyOf(copy),
        Byte.toUnsignedInt(message.get(JAVA_BYTE, PREFIX)));
  }

  private static int number(MemorySegment attributes, int type) {
    return attribute(attributes, type).map(value -> value.get(JAVA_INT_UNALIGNED, 0)).orElse(0);
  }

  private static String text(MemorySegment value) {
    return value.getString(0);
  }

  /// The value of the first attribute of a type.
  private static Optional<MemorySegment> attribute(MemorySegment attributes, int type) {
    long head = STRUCT_RTATTR.byteSize();
    long at = 0;
    while (at + head <= attributes.byteSize()) {
      long bytes = Short.toUnsignedLong(attributes.get(JAVA_SHORT_UNALIGNED, at));
      if (bytes < head || attributes.byteSize() - at < bytes) {
        return Optional.empty();
      }
      int flagged = Short.toUnsignedInt(attributes.get(JAVA_SHORT_UNALIGNED, at + 2));
      int found = flagged & Rtnetlink.NLA_TYPE_MASK;
      if (found == type) {
        return Optional.of(attributes.asSlice(at + head, bytes - head));
      }
      at += aligned(bytes);
    }
    return Optional.empty();
  }

  /// Asks for all of a kind and hands type and body of each message to `each`.
  private static void dump(int request, long bodyBytes, BiConsumer<Integer, MemorySegment> each)
      throws KernelException {
    int fd = open();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment question = request(arena, request, Rtnetlink.NLM_F_DUMP, bodyBytes);
      Errno.require(
          SocketCalls.send(fd, question, question.byteSize()), "Asking for links and addresses");
      MemorySegment answer = arena.allocate(ANSWER_BYTES, 4);
      boolean more = true;
      while (more) {
        long bytes = Errno.require(SocketCalls.recv(fd, answer), "Reading links and addresses");
        more = messages(answer.asSlice(0, bytes), each);
      }
    } finally {
      FileCalls.close(fd);
    }
  }

  private static int open() throws KernelException {
    int type = Socket.SOCK_RAW | Socket.SOCK_CLOEXEC;
    return (int)
        Errno.require(
            SocketCalls.socket(Socket.AF_NETLINK, type, Rtnetlink.NETLINK_ROUTE),
            "Opening a netlink socket");
  }

  /// A message with an empty body.
  private static MemorySegment request(Arena arena, int type, int flags, long bodyBytes) {
    MemorySegment message = arena.allocate(HEAD_BYTES + bodyBytes, 4);
    message.set(JAVA_INT_UNALIGNED, 0, (int) message.byteSize());
    message.set(JAVA_SHORT_UNALIGNED, TYPE, (short) type);
    message.set(JAVA_SHORT_UNALIGNED, FLAGS, (short) (Rtnetlink.NLM_F_REQUEST | flags));
    return message;
  }

  /// Walks over the messages of one datagram.
  ///
  /// @return whether more datagrams follow
  private static boolean messages(MemorySegment datagram, BiConsumer<Integer, MemorySegment> each)
      throws KernelException {
    long at = 0;
    while (at + HEAD_BYTES <= datagram.byteSize()) {
      long bytes = Integer.toUnsignedLong(datagram.get(JAVA_INT_UNALIGNED, at));
      if (bytes < HEAD_BYTES || datagram.byteSize() - at < bytes) {
        break;
      }
      int type = Short.toUnsignedInt(datagram.get(JAVA_SHORT_UNALIGNED, at + TYPE));
      if (type == Rtnetlink.NLMSG_DONE) {
        return false;
      }
      if (type == Rtnetlink.NLMSG_ERROR) {
        throw new KernelException("The kernel does not tell its links and addresses.");
      }
      each.accept(type, datagram.asSlice(at + HEAD_BYTES, bytes - HEAD_BYTES));
      at += aligned(bytes);
    }
    return true;
  }

  private static long aligned(long bytes) {
    return (bytes + 3) & -4;
  }
}
