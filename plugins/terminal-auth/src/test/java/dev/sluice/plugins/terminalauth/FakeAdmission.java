package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Admission as a test sets it.
final class FakeAdmission implements Admission {
  static final DropReason REFUSED = DropReason.of("test-refused");

  final List<Terminal> terminals = new ArrayList<>();
  final List<Session> sessions = new ArrayList<>();
  final List<byte[]> datagrams = new ArrayList<>();
  Gate gate;
  Verdict answer = Verdict.ANSWERED;

  /// How often somebody has asked for a session.
  int sessionQuestions;

  private long revision;
  private long heartbeat;

  /// Whether nobody looks after the sessions.
  boolean stuck;

  FakeAdmission(Gate gate) {
    this.gate = gate;
  }

  void begin(Session session) {
    sessions.add(session);
    revision++;
  }

  void end(Session session) {
    session.end();
    sessions.remove(session);
    revision++;
  }

  /// Whatever else a test has changed.
  void changed() {
    revision++;
  }

  @Override
  public Gate gate() {
    return gate;
  }

  @Override
  public @Nullable Session session(long addressHigh, long addressLow) {
    sessionQuestions++;
    for (int i = 0; i < sessions.size(); i++) {
      IpAddress address = sessions.get(i).binding().address();
      if (address.high() == addressHigh && address.low() == addressLow) {
        return sessions.get(i);
      }
    }
    return null;
  }

  @Override
  public boolean isListed(long addressHigh, long addressLow) {
    return terminal(addressHigh, addressLow) != null;
  }

  @Override
  public @Nullable Terminal terminal(long addressHigh, long addressLow) {
    for (int i = 0; i < terminals.size(); i++) {
      IpAddress address = terminals.get(i).address();
      if (address.high() == addressHigh && address.low() == addressLow) {
        return terminals.get(i);
      }
    }
    return null;
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public long heartbeat() {
    return stuck ? heartbeat : ++heartbeat;
  }

  @Override
  public Verdict authenticate(Packet packet) {
    datagrams.add(((TestPacket) packet).bytes());
    return answer;
  }
}
