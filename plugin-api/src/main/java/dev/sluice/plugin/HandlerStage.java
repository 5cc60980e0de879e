package dev.sluice.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/// Says where in the chain a [PacketHandler] component stands. It becomes the service properties
/// `sluice.stage` and `sluice.order`.
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface HandlerStage {
  /// Prefix of the property names.
  String PREFIX_ = "sluice.";

  /// The stage; a handler without one stands in [Stage#FILTER].
  Stage stage() default Stage.FILTER;

  /// Place within the stage, lower first, 0..1000; equal numbers are ordered by symbolic name.
  int order() default 500;
}
