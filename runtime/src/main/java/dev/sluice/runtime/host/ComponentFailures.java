package dev.sluice.runtime.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/// Finds out from Declarative Services why a bundle's components do not run.
final class ComponentFailures {
  /// What Declarative Services says of a component that needs one which failed.
  private static final String FOR_WANT_OF_ANOTHER = "Unable to get service for reference";

  private final BundleContext context;

  ComponentFailures(BundleContext context) {
    this.context = context;
  }

  /// What the components of a bundle lack.
  ///
  /// @param sentence for the operator
  private record Lack(Kind kind, String sentence) {
    boolean failed() {
      return kind == Kind.FAILED;
    }
  }

  /// Kinds of lack, the one to cure first in front: a component that waits may wait for another of
  /// the same bundle that lacks something itself.
  private enum Kind {
    FAILED,
    NOT_CONFIGURED,
    WAITING
  }

  /// What a component of this bundle threw when it was last activated.
  String thrown(Bundle bundle) {
    List<String> failures =
        lacks(bundle).stream().filter(Lack::failed).map(Lack::sentence).toList();
    return failures.stream()
        .filter(sentence -> !sentence.contains(FOR_WANT_OF_ANOTHER))
        .findFirst()
        .or(() -> failures.stream().findFirst())
        .or(() -> unloadable(bundle))
        .orElse("its handler could not be made, and nothing says why");
  }

  /// Declarative Services keeps what a constructor threw, but not why a class was no class.
  private Optional<String> unloadable(Bundle bundle) {
    for (ComponentDescriptionDTO component : descriptions(bundle)) {
      try {
        bundle.loadClass(component.implementationClass);
      } catch (ClassNotFoundException | LinkageError e) {
        return Optional.of(
            "its component's class "
                + component.implementationClass
                + " cannot be loaded: "
                + Sentence.of(e));
      }
    }
    return Optional.empty();
  }

  /// Why no component of this bundle offers a handler.
  String whyNoHandler(Bundle bundle) {
    return lacks(bundle).stream()
        .min(Comparator.comparing(Lack::kind))
        .map(Lack::sentence)
        .orElse("none of its components offers a dev.sluice.plugin.PacketHandler service");
  }

  /// Whether the bundle has any component at all.
  boolean hasComponents(Bundle bundle) {
    return !descriptions(bundle).isEmpty();
  }

  private List<Lack> lacks(Bundle bundle) {
    List<Lack> lacks = new ArrayList<>();
    ServiceReference<ServiceComponentRuntime> reference =
        context.getServiceReference(ServiceComponentRuntime.class);
    ServiceComponentRuntime runtime = reference == null ? null : context.getService(reference);
    if (runtime == null) {
      return lacks;
    }
    for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundle)) {
      Collection<ComponentConfigurationDTO> made = runtime.getComponentConfigurationDTOs(component);
      if (made.isEmpty() && "require".equals(component.configurationPolicy)) {
        lacks.add(unconfigured(component));
      }
      for (ComponentConfigurationDTO configuration : made) {
        look(component, configuration, lacks);
      }
    }
    return lacks;
  }

  private static void look(
      ComponentDescriptionDTO component, ComponentConfigurationDTO made, List<Lack> lacks) {
    if (made.failure != null && !made.failure.isEmpty()) {
      lacks.add(new Lack(Kind.FAILED, Sentence.ofStackTrace(made.failure)));
    } else if (made.state == ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION) {
      lacks.add(unconfigured(component));
    } else if (made.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
      for (UnsatisfiedReferenceDTO missing : made.unsatisfiedReferences) {
        lacks.add(new Lack(Kind.WAITING, waiting(component, missing)));
      }
    }
  }

  private static Lack unconfigured(ComponentDescriptionDTO component) {
    String pid = String.join(" or ", component.configurationPid);
    return new Lack(
        Kind.NOT_CONFIGURED,
        "its component " + component.name + " needs a configuration: config/" + pid + ".cfg");
  }

  private static String waiting(
      ComponentDescriptionDTO component, UnsatisfiedReferenceDTO missing) {
    String target = missing.target == null ? "" : " " + missing.target;
    for (var reference : component.references) {
      if (reference.name.equals(missing.name)) {
        return "its component "
            + component.name
            + " waits for a service "
            + reference.interfaceName
            + target;
      }
    }
    return "its component " + component.name + " waits for its reference " + missing.name + target;
  }

  private Collection<ComponentDescriptionDTO> descriptions(Bundle bundle) {
    ServiceReference<ServiceComponentRuntime> reference =
        context.getServiceReference(ServiceComponentRuntime.class);
    ServiceComponentRuntime runtime = reference == null ? null : context.getService(reference);
    return runtime == null ? List.of() : runtime.getComponentDescriptionDTOs(bundle);
  }
}
