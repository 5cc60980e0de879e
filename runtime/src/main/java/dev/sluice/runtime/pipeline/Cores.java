package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The cores that the threads of one pipeline are bound to. Several pipelines in one process share
/// what it may use: none is given, on its own, a core that another has, and other threads are kept
/// off the cores of all that run. When the last has given its cores back, all is as it was. A
/// process that is started meanwhile may run where the thread that starts it may, and keeps that.
///
/// The state of the process is guarded by the class.
final class Cores {
  /// Cores that this process might use before any of its threads was bound; asked for once.
  private static @Nullable List<Integer> allowedAtFirst;

  /// Where threads run that nobody has bound.
  private static List<Integer> others = List.of();

  /// Those that are not given back. Weak, for a pipeline that failed before it was made.
  private static final Set<Cores> RESERVED = Collections.newSetFromMap(new WeakHashMap<>());

  private final List<Integer> list;

  /// Whether other threads are to be kept off.
  private boolean kept;

  private Cores(List<Integer> list) {
    this.list = list;
  }

  /// Cores for the threads of a pipeline, until [#giveBack].
  ///
  /// @throws KernelException with a sentence for the operator, if the layout would not work on the
  ///   cores that are left
  static Cores reserve(PipelineSettings settings) throws KernelException {
    synchronized (Cores.class) {
      Cores made = new Cores(ThreadLayout.cores(settings, without(taken(RESERVED.stream()))));
      RESERVED.add(made);
      return made;
    }
  }

  /// Threads of all pipelines here, bound or not.
  static int threads() {
    synchronized (Cores.class) {
      return RESERVED.stream().mapToInt(each -> each.list.size()).sum();
    }
  }

  /// A core for each thread, -1 for one that is not bound.
  List<Integer> list() {
    return list;
  }

  /// Leaves these cores to the threads that are bound to them, as far as there are others: the
  /// JVM's compilers and collectors would take turns of milliseconds there. To be called before
  /// those threads start, since a thread inherits where it may run, and then binds itself.
  void keepOthersOff() throws KernelException {
    synchronized (Cores.class) {
      if (!list.contains(-1)) {
        kept = true;
        moveOthers();
      }
    }
  }

  /// For a pipeline whose threads have ended, or that has left them behind. Idempotent.
  ///
  /// @throws IllegalStateException if the threads of this process cannot be listed
  void giveBack() {
    synchronized (Cores.class) {
      if (RESERVED.remove(this) && kept) {
        kept = false;
        try {
          moveOthers();
        } catch (KernelException e) {
          throw new IllegalStateException("cores " + list + " stay reserved: " + e.getMessage(), e);
        }
      }
    }
  }

  /// Binds the calling thread to one of its pipeline's cores. No thread is moved meanwhile, so that
  /// one which is bound stays so.
  static void bindCaller(int core) throws KernelException {
    synchronized (Cores.class) {
      Affinity.pin(core);
    }
  }

  private static void moveOthers() throws KernelException {
    List<Integer> next = without(taken(RESERVED.stream().filter(each -> each.kept)));
    if (!next.isEmpty() && !next.equals(others)) {
      Affinity.moveThreads(array(others), array(next));
      others = next;
    }
  }

  private static Set<Integer> taken(Stream<Cores> of) {
    Set<Integer> taken = new HashSet<>();
    of.forEach(cores -> taken.addAll(cores.list));
    return taken;
  }

  private static List<Integer> without(Set<Integer> taken) throws KernelException {
    return allowed().stream().filter(cpu -> !taken.contains(cpu)).toList();
  }

  private static List<Integer> allowed() throws KernelException {
    List<Integer> known = allowedAtFirst;
    if (known == null) {
      known = Arrays.stream(Affinity.allowedCpus()).boxed().toList();
      allowedAtFirst = known;
      others = known;
    }
    return known;
  }

  private static int[] array(List<Integer> cores) {
    return cores.stream().mapToInt(Integer::intValue).toArray();
  }
}
