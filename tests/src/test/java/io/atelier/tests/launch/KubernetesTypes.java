package io.atelier.tests.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.util.Map;

/**
 * The types of the Kubernetes API, which its Java client has of the published specification. A
 * cluster ignores a field that it does not know.
 */
final class KubernetesTypes {

  @FunctionalInterface
  private interface Check {
    /** Throws if a field is unknown, is missing, or is not of its shape. */
    void check(JsonElement manifest) throws IOException;
  }

  private record Type(Class<?> type, Check fields) {}

  private static final Map<String, Type> TYPES =
      Map.of(
          "v1 ConfigMap",
          new Type(V1ConfigMap.class, V1ConfigMap::validateJsonElement),
          "v1 Secret",
          new Type(V1Secret.class, V1Secret::validateJsonElement),
          "v1 Service",
          new Type(V1Service.class, V1Service::validateJsonElement),
          "v1 PersistentVolumeClaim",
          new Type(V1PersistentVolumeClaim.class, V1PersistentVolumeClaim::validateJsonElement),
          "batch/v1 Job",
          new Type(V1Job.class, V1Job::validateJsonElement),
          "policy/v1 PodDisruptionBudget",
          new Type(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement),
          "networking.k8s.io/v1 NetworkPolicy",
          new Type(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement));

  private static final Gson GSON = JSON.getGson();

  private KubernetesTypes() {}

  /**
   * Reads a manifest as what it says that it is.
   *
   * @throws IllegalArgumentException if it is not that; the message names the field or its value
   */
  static void check(JsonNode manifest) throws IOException {
    String kind = manifest.get("apiVersion").asText() + " " + manifest.get("kind").asText();
    Type type = TYPES.get(kind);
    if (type == null) {
      throw new IllegalArgumentException("there is no type for " + kind);
    }
    JsonElement json = JsonParser.parseString(manifest.toString());
    type.fields().check(json);
    try {
      GSON.fromJson(json, type.type());
    } catch (JsonParseException e) { // numbers and texts that are none
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
