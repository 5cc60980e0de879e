package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.plugin.Device;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;

/// A terminal's DTLS association after its handshake: keys and numbers in the terminal's record, so
/// that every version of the bundle can go on with it (RFC 6347, section 4.1).
///
/// All but [#isOf] and [#isUsedUp] is called under [AdmissionState#lock]. The number of a record
/// that is sent is taken by one atomic step all the same: no two may ever have the same.
final class SecureLine {
  /// What came in a record.
  static final class Message {
    private final int type;
    private final byte[] content;

    Message(int type, byte[] content) {
      this.type = type;
      this.content = content;
    }

    /// As [ContentType].
    int type() {
      return type;
    }

    byte[] content() {
      return content;
    }
  }

  private static final long NEXT_OUT_AT = 0;
  private static final long HIGHEST_IN_AT = 8;
  private static final long WINDOW_AT = 16;
  private static final long NEXT_CLEAR_AT = 24;
  private static final long RESEND_UNTIL_AT = 32;
  private static final long RESENT_AT = 40;
  private static final long DISCARDED_AT = 48;
  private static final long HARDWARE_AT = 56;
  private static final long CALLED_HIGH_AT = 64;
  private static final long CALLED_LOW_AT = 72;
  private static final long CALLED_HARDWARE_AT = 80;
  private static final long TAGS_AT = 88;
  private static final long DEVICE_AT = 96;
  private static final long VLAN_AT = 100;
  private static final long PORT_AT = 104;
  private static final long CALLED_PORT_AT = 108;
  private static final long TAG_BYTES_AT = 112;
  private static final long KEY_BYTES_AT = 116;
  private static final long RANDOM_AT = 120;
  private static final long CLIENT_KEY_AT = RANDOM_AT + LineKeys.RANDOM_BYTES;
  private static final long SERVER_KEY_AT = CLIENT_KEY_AT + LineKeys.MAX_KEY_BYTES;
  private static final long CLIENT_SALT_AT = SERVER_KEY_AT + LineKeys.MAX_KEY_BYTES;
  private static final long SERVER_SALT_AT = CLIENT_SALT_AT + LineKeys.SALT_BYTES;
  private static final long FINISHED_AT = SERVER_SALT_AT + LineKeys.SALT_BYTES;

  /// Header and 12 bytes of verify data.
  static final int FINISHED_BYTES = 24;

  /// Bytes of the association's part of a record.
  static final int BYTES = (int) FINISHED_AT + FINISHED_BYTES;

  /// Numbers have 48 bits.
  static final long LAST_NUMBER = (1L << 48) - 1;

  private static final int WINDOW_BITS = Long.SIZE;

  /// Twice the longest life of a segment (RFC 6347, section 4.2.4).
  private static final long RESEND_NANOS = TimeUnit.SECONDS.toNanos(240);

  /// An answer to a repeated flight, or to a call for a new handshake, comes no more often.
  private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final byte[] CHANGE_CIPHER_SPEC = {20, (byte) 254, (byte) 253, 0, 0};
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  private final IpAddress address;
  private final AdmissionState state;
  private final MemorySegment memory;
  private final long at;

  /// A view of the association in a terminal's record.
  SecureLine(IpAddress address, TerminalRecord record, AdmissionState state) {
    this.address = address;
    this.state = state;
    this.memory = record.memory();
    this.at = record.at() + TerminalRecord.LINE_AT;
  }

  /// Takes over from the library.
  ///
  /// @param finished as [#finished] says
  void begin(Sessions.Handshake made, byte[] finished, long nowNanos) {
    wipe();
    Datagram hello = made.hello();
    HandshakeTrace trace = made.trace();
    LineKeys keys = made.keys();
    Datagram.Peer peer = hello.peer();
    memory.set(JAVA_LONG, at + HARDWARE_AT, peer.hardwareAddress());
    memory.set(JAVA_LONG, at + CALLED_HIGH_AT, peer.called().high());
    memory.set(JAVA_LONG, at + CALLED_LOW_AT, peer.called().low());
    memory.set(JAVA_LONG, at + CALLED_HARDWARE_AT, hello.calledHardwareAddress());
    memory.set(JAVA_INT, at + DEVICE_AT, peer.device().index());
    memory.set(JAVA_INT, at + VLAN_AT, peer.vlanKey());
    memory.set(JAVA_INT, at + PORT_AT, peer.port());
    memory.set(JAVA_INT, at + CALLED_PORT_AT, hello.calledPort());
    put(TAGS_AT, hello.tags());
    memory.set(JAVA_INT, at + TAG_BYTES_AT, hello.tags().length);
    memory.set(JAVA_INT, at + KEY_BYTES_AT, keys.keyBytes);
    put(RANDOM_AT, keys.clientRandom);
    put(CLIENT_KEY_AT, keys.clientKey);
    put(SERVER_KEY_AT, keys.serverKey);
    put(CLIENT_SALT_AT, keys.clientSalt);
    put(SERVER_SALT_AT, keys.serverSalt);
    put(FINISHED_AT, finished);
    set(NEXT_OUT_AT, trace.nextProtected());
    set(NEXT_CLEAR_AT, trace.nextClear());
    set(HIGHEST_IN_AT, -1);
    set(RESEND_UNTIL_AT, nowNanos + RESEND_NANOS);
    set(RESENT_AT, nowNanos - ANSWER_NANOS);
    // What the library has had must not come again.
    trace.protectedIn().forEach(this::open);
    // Nor what it may have had before those that were kept. A terminal's first number is 0.
    set(WINDOW_AT, -1);
    set(HIGHEST_IN_AT, Math.max(0, get(HIGHEST_IN_AT)));
    set(DISCARDED_AT, 0);
  }

  /// The gateway's own Finished, which shows that the derived keys are those that the library used.
  static byte[] finished(HandshakeTrace trace, LineKeys keys) throws Refused {
    byte[] content = RecordCipher.open(keys.serverKey, keys.serverSalt, trace.finished());
    if (content == null || content.length != FINISHED_BYTES) {
      throw new Refused(Cause.PROTOCOL, "the derived keys are not the library's");
    }
    return content;
  }

  private void put(long field, byte[] bytes) {
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at + field, bytes.length);
  }

  private byte[] bytes(long field, int count) {
    byte[] copy = new byte[count];
    MemorySegment.copy(memory, JAVA_BYTE, at + field, copy, 0, count);
    return copy;
  }

  private long get(long field) {
    return (long) LONG.getVolatile(memory, at + field);
  }

  private void set(long field, long value) {
    LONG.setVolatile(memory, at + field, value);
  }

  /// Whether there is an association, and this is its peer.
  boolean isOf(Datagram.Peer peer) {
    return memory.get(JAVA_INT, at + KEY_BYTES_AT) != 0
        && memory.get(JAVA_INT, at + PORT_AT) == peer.port()
        && memory.get(JAVA_INT, at + DEVICE_AT) == peer.device().index()
        && memory.get(JAVA_INT, at + VLAN_AT) == peer.vlanKey()
        && memory.get(JAVA_LONG, at + HARDWARE_AT) == peer.hardwareAddress()
        && memory.get(JAVA_LONG, at + CALLED_LOW_AT) == peer.called().low()
        && memory.get(JAVA_LONG, at + CALLED_HIGH_AT) == peer.called().high();
  }

  /// Whether a datagram of the peer begins another handshake.
  boolean isAnotherHello(byte[] datagram) {
    return Records.isAnotherHello(datagram, bytes(RANDOM_AT, LineKeys.RANDOM_BYTES));
  }

  /// Who has authenticated, or null if the gateway has lost the device.
  Datagram.@Nullable Peer peer() {
    Device device = state.device(memory.get(JAVA_INT, at + DEVICE_AT));
    return device == null
        ? null
        : new Datagram.Peer(
            device,
            memory.get(JAVA_INT, at + VLAN_AT),
            memory.get(JAVA_LONG, at + HARDWARE_AT),
            address,
            memory.get(JAVA_INT, at + PORT_AT),
            new IpAddress(
                memory.get(JAVA_LONG, at + CALLED_HIGH_AT),
                memory.get(JAVA_LONG, at + CALLED_LOW_AT)));
  }

  /// Records that were not authentic, came twice, or are of another epoch.
  long discarded() {
    return get(DISCARDED_AT);
  }

  /// Opens one record, if it is authentic and new; what is not, is counted.
  ///
  /// @param sealed a whole record
  @Nullable Message open(byte[] sealed) {
    long number = Records.numberOf(sealed);
    if (Records.epochOf(sealed) != 1 || !isNew(number)) {
      set(DISCARDED_AT, discarded() + 1);
      return null;
    }
    byte[] key = bytes(CLIENT_KEY_AT, memory.get(JAVA_INT, at + KEY_BYTES_AT));
    byte[] content = RecordCipher.open(key, bytes(CLIENT_SALT_AT, LineKeys.SALT_BYTES), sealed);
    Arrays.fill(key, (byte) 0);
    if (content == null) {
      set(DISCARDED_AT, discarded() + 1);
      return null;
    }
    seen(number);
    return new Message(sealed[0], content);
  }

  /// Whether a number was not seen and is not too old (RFC 6347, section 4.1.2.6).
  private boolean isNew(long number) {
    long behind = get(HIGHEST_IN_AT) - number;
    return behind < 0 || (behind < WINDOW_BITS && (get(WINDOW_AT) >>> behind & 1) == 0);
  }

  private void seen(long number) {
    long ahead = number - get(HIGHEST_IN_AT);
    if (ahead > 0) {
      long window = ahead < WINDOW_BITS ? get(WINDOW_AT) << ahead : 0;
      set(WINDOW_AT, window | 1);
      set(HIGHEST_IN_AT, number);
    } else {
      set(WINDOW_AT, get(WINDOW_AT) | 1L << -ahead);
    }
  }

  /// Sends a line.
  void say(String line) {
    send(ContentType.application_data, (line + "\n").getBytes(US_ASCII));
  }

  /// Says that the association is over.
  void closeNotify() {
    send(ContentType.alert, new byte[] {(byte) AlertLevel.warning, AlertDescription.close_notify});
  }

  /// Answers what belongs to a handshake: the terminal's last flight, repeated, by repeating the
  /// gateway's (RFC 6347, section 4.2.4), and a call for a new one within this association with a
  /// refusal.
  void answerHandshake(byte[] message, long nowNanos) {
    if (message.length == 0 || nowNanos - get(RESENT_AT) < ANSWER_NANOS) {
      return;
    }
    if (message[0] == HandshakeType.finished && nowNanos - get(RESEND_UNTIL_AT) < 0) {
      set(RESENT_AT, nowNanos);
      repeatFlight();
    } else if (message[0] == HandshakeType.client_hello) {
      set(RESENT_AT, nowNanos);
      send(
          ContentType.alert,
          new byte[] {(byte) AlertLevel.warning, AlertDescription.no_renegotiation});
    }
  }

  private void repeatFlight() {
    byte[] change = Arrays.copyOf(CHANGE_CIPHER_SPEC, Records.HEADER_BYTES + 1);
    long number = (long) LONG.getAndAdd(memory, at + NEXT_CLEAR_AT, 1L);
    for (int i = 0; i < 6; i++) {
      change[5 + i] = (byte) (number >>> (8 * (5 - i)));
    }
    change[Records.HEADER_BYTES - 1] = 1;
    change[Records.HEADER_BYTES] = 1;
    answers().send(change, 0, change.length);
    send(ContentType.handshake, bytes(FINISHED_AT, FINISHED_BYTES));
  }

  /// Sends a record, unless the numbers are used up or there is no association.
  private void send(int type, byte[] content) {
    int keyBytes = memory.get(JAVA_INT, at + KEY_BYTES_AT);
    if (keyBytes == 0 || isUsedUp()) {
      return;
    }
    long number = (long) LONG.getAndAdd(memory, at + NEXT_OUT_AT, 1L);
    byte[] key = bytes(SERVER_KEY_AT, keyBytes);
    byte[] sealed =
        RecordCipher.seal(key, bytes(SERVER_SALT_AT, LineKeys.SALT_BYTES), type, number, content);
    Arrays.fill(key, (byte) 0);
    answers().send(sealed, 0, sealed.length);
  }

  /// Whether no number is left for a record to be sent: the association must end. Any thread.
  boolean isUsedUp() {
    return get(NEXT_OUT_AT) > LAST_NUMBER;
  }

  private AnswerPath answers() {
    Datagram.Peer peer = peer();
    if (peer == null) {
      throw new IllegalStateException("the device of " + address + " is gone");
    }
    return new AnswerPath(
        new Datagram(
            peer,
            memory.get(JAVA_LONG, at + CALLED_HARDWARE_AT),
            memory.get(JAVA_INT, at + CALLED_PORT_AT),
            bytes(TAGS_AT, memory.get(JAVA_INT, at + TAG_BYTES_AT)),
            new byte[0]),
        state.sender());
  }

  /// Forgets all of it.
  void wipe() {
    for (long field = 0; field < BYTES; field += Long.BYTES) {
      memory.set(JAVA_LONG, at + field, 0L);
    }
  }
}
