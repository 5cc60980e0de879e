package dev.sluice.runtime.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a new project consists of: the files of `plugins/template`, under other names. That module
/// is built and tested with the others, so what is written here works.
final class Template {
  private static final String PACKAGE = "dev.sluice.plugins.template";
  private static final String CLASS = "TemplateRule";

  private final RuleName name;

  Template(RuleName name) {
    this.name = name;
  }

  /// Writes the project.
  ///
  /// @param folder new or empty
  /// @return the files, in the order in which they are read best
  /// @throws BundleException if the folder has something in it, or cannot be written
  List<Path> write(Path folder) throws BundleException {
    Map<Path, String> files = files(folder);
    try {
      refuseFull(folder);
      for (Map.Entry<Path, String> file : files.entrySet()) {
        Files.createDirectories(file.getKey().getParent());
        Files.writeString(file.getKey(), file.getValue());
      }
      return new ArrayList<>(files.keySet());
    } catch (FileAlreadyExistsException e) {
      throw new BundleException(e.getFile() + ": is a file; allowed: a new or an empty folder", e);
    } catch (AccessDeniedException e) {
      throw new BundleException(e.getFile() + ": this user may not write there", e);
    } catch (IOException e) {
      throw new BundleException(folder + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static void refuseFull(Path folder) throws IOException, BundleException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.findAny().isPresent()) {
        throw new BundleException(
            folder
                + ": is not empty, and nothing is overwritten; allowed: a new or an empty"
                + " folder");
      }
    }
  }

  private Map<Path, String> files(Path folder) {
    Path code = folder.resolve("src").resolve(name.javaPackage().replace('.', '/'));
    Map<Path, String> files = new LinkedHashMap<>();
    files.put(
        code.resolve(name.javaClass() + ".java"),
        renamed("java/" + PACKAGE.replace('.', '/') + "/" + CLASS + ".java"));
    files.put(folder.resolve(name.pid() + ".cfg"), renamed("files/template.cfg"));
    files.put(folder.resolve("bundle.properties"), renamed("files/bundle.properties"));
    files.put(folder.resolve("README.md"), renamed("files/README.md"));
    return files;
  }

  /// Longer names first: they hold shorter ones.
  private String renamed(String resource) {
    return read(resource)
        .replace(PACKAGE, name.javaPackage())
        .replace("src/template/", "src/" + name.javaPackage().replace('.', '/') + "/")
        .replace(CLASS, name.javaClass())
        .replace("template.cfg", name.pid() + ".cfg")
        .replace("template.jar", name.symbolic() + ".jar")
        .replace("\"template\"", '"' + name.pid() + '"')
        .replace("\"template-", '"' + name.last() + '-')
        .replace("= template\n", "= " + name.symbolic() + "\n")
        .replace("# template\n", "# " + name.symbolic() + "\n");
  }

  private static String read(String resource) {
    try (InputStream in = Template.class.getResourceAsStream("template/" + resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path: build Sluice again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(resource + " cannot be read", e);
    }
  }
}
