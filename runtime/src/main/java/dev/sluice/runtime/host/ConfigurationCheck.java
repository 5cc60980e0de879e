package dev.sluice.runtime.host;

import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.config.SettingsFile;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/// Finds in a bundle's file what FileInstall passes over in silence: a key that is set twice, text
/// that is not UTF-8, an escape that is none, a `${name}` that stands for nothing. Each would put
/// other settings in force than the operator wrote.
///
/// It is a plug-in of ConfigAdmin, which shows it the properties of every component on their way; a
/// flaw is added to them, and `Settings.refuseUnknown` refuses them for it.
final class ConfigurationCheck {
  /// What `Settings` looks for.
  static final String FLAW_PROPERTY = "sluice.flaw";

  private static final String PLUGIN = "org.osgi.service.cm.ConfigurationPlugin";
  private static final String FILE_PROPERTY = "felix.fileinstall.filename";

  /// Not behind a backslash, which FileInstall takes for the characters themselves. Its forms with
  /// a colon, as `${env:NAME}`, are its own affair.
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^${}:\\\\]+)\\}");

  private final UnaryOperator<@Nullable String> variables;

  /// Checks with these values of variables, null for what is not set.
  ConfigurationCheck(UnaryOperator<@Nullable String> variables) {
    this.variables = variables;
  }

  /// Has every configuration of this framework checked from now on.
  ///
  /// @param configAdmin its bundle, whose class loader alone knows what a plug-in is
  static void register(BundleContext context, Bundle configAdmin) throws HostException {
    ConfigurationCheck check = new ConfigurationCheck(context::getProperty);
    try {
      Class<?> type = configAdmin.loadClass(PLUGIN);
      Object plugin =
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (_, call, args) -> check.on(call, args));
      // A plug-in without a ranking may change nothing.
      Map<String, Object> ranking = Map.of("service.cmRanking", 0);
      context.registerService(PLUGIN, plugin, FrameworkUtil.asDictionary(ranking));
    } catch (ClassNotFoundException e) {
      throw new HostException("ConfigAdmin has no " + PLUGIN + ": build Sluice again", e);
    }
  }

  private @Nullable Object on(Method call, Object @Nullable [] args) {
    if (call.getName().equals("modifyConfiguration") && args != null) {
      @SuppressWarnings("unchecked") // as the interface says
      Dictionary<String, Object> properties = (Dictionary<String, Object>) args[1];
      mark(properties);
      return null;
    }
    return switch (call.getName()) {
      case "hashCode" -> System.identityHashCode(this);
      case "equals" -> false;
      default -> "configuration check";
    };
  }

  private void mark(Dictionary<String, Object> properties) {
    Object file = properties.get(FILE_PROPERTY);
    if (file != null) {
      String flaw = flaw(Path.of(URI.create(file.toString())));
      if (!flaw.isEmpty()) {
        properties.put(FLAW_PROPERTY, flaw);
      }
    }
  }

  /// What is wrong with a file as a whole, in a sentence; empty if nothing is, or if it is gone.
  String flaw(Path file) {
    if (!Files.exists(file)) {
      return "";
    }
    try {
      SettingsFile.read(file);
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        Matcher variable = VARIABLE.matcher(comment(line) ? "" : line);
        while (variable.find()) {
          if (variables.apply(variable.group(1)) == null) {
            return file
                + ": "
                + line.strip()
                + ": allowed: the name of a system property that is set, or $\\{ for the characters"
                + " themselves";
          }
        }
      }
      return "";
    } catch (SettingsException e) {
      return String.valueOf(e.getMessage());
    } catch (IOException e) {
      return file + ": cannot be read: " + e.getMessage();
    }
  }

  private static boolean comment(String line) {
    String text = line.stripLeading();
    return text.startsWith("#") || text.startsWith("!");
  }
}
