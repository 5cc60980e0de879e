package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.HandlerContext;
import dev.sluice.plugin.HandlerStage;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.Stage;
import dev.sluice.plugin.Verdict;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/// The gate of one WorkThread: lets pass what [GateJudge] lets pass.
///
/// The connections are in a table of the host, with the size that the settings have when the
/// instance begins, or a larger one that it has already. An instance that takes another's place
/// goes on with the connections as they are; when the last one is retired, they are cut.
@Component(service = PacketHandler.class, scope = ServiceScope.PROTOTYPE)
@HandlerStage(stage = Stage.AUTHENTICATE, order = 500)
public final class GateHandler implements PacketHandler {
  private final Admission admission;
  private final Neighbours neighbours;
  private final PacketSender sender;
  private final EventLog events;
  private @Nullable HandlerContext context;
  private @Nullable GateJudge judge;

  @Activate
  public GateHandler(
      @Reference Admission admission,
      @Reference Neighbours neighbours,
      @Reference PacketSender sender,
      @Reference EventLog events) {
    this.admission = admission;
    this.neighbours = neighbours;
    this.sender = sender;
    this.events = events;
  }

  /// In a rehearsal nobody is in, nothing is learned, and what would be sent is not.
  @Override
  public void begin(HandlerContext given) {
    context = given;
    boolean rehearsal = given.rehearsal();
    judge =
        new GateJudge(
            rehearsal ? new RehearsedAdmission(admission) : admission,
            rehearsal ? new Neighbours() : neighbours,
            new FrameBuffer(sender, rehearsal),
            rehearsal ? (severity, event, fields) -> {} : events,
            given.table(ConnectionTable.shape(admission.gate().maxConnections())));
  }

  private GateJudge judge() {
    GateJudge begun = judge;
    if (begun == null) {
      throw new IllegalStateException("the gate has not begun");
    }
    return begun;
  }

  @Override
  public Verdict receive(Packet packet) {
    return judge().receive(packet);
  }

  @Override
  public void tick(long nowNanos) {
    judge().tick(nowNanos);
  }

  @Override
  public void retire() {
    if (context != null && !context.heldByOther()) {
      judge().cutAll();
    }
  }
}
