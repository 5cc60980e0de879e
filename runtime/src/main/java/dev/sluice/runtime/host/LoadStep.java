package dev.sluice.runtime.host;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Collection;
import org.osgi.framework.wiring.BundleWiring;

/// Loads and links a bundle's classes before a packet needs them: a thread of the packet path that
/// did it would wait for whoever loads the same class and has no processor. None is initialized.
final class LoadStep implements DeployStep {
  /// A library within a bundle may have thousands of which it uses few.
  private static final int MOST = 2000;

  private static final String CLASS = ".class";

  @Override
  public String name() {
    return "the loading of its classes";
  }

  @Override
  public Duration limit(Duration ofBundles) {
    return OF_THE_HOST;
  }

  @Override
  public void perform(Candidate candidate) {
    BundleWiring wiring = candidate.bundle().adapt(BundleWiring.class);
    int own = BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL;
    load(wiring.getClassLoader(), wiring.listResources("/", "*" + CLASS, own));
  }

  /// @param files names of class files, as `org/example/Rule.class`
  static void load(ClassLoader loader, Collection<String> files) {
    files.stream()
        .limit(MOST)
        .takeWhile(_ -> !Thread.currentThread().isInterrupted()) // its time is over
        .map(file -> file.substring(0, file.length() - CLASS.length()).replace('/', '.'))
        .forEach(name -> load(loader, name));
  }

  private static void load(ClassLoader loader, String name) {
    try {
      Method[] _ = loader.loadClass(name).getDeclaredMethods(); // which links it
    } catch (ClassNotFoundException | LinkageError | StackOverflowError | RuntimeException e) {
      // It may never be used; whoever uses it is told what is missing.
    }
  }
}
