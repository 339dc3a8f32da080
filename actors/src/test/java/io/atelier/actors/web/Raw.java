package io.atelier.actors.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.web.index.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One answer to a request that is written byte by byte: clients of a library refuse to send what a
 * stranger would.
 *
 * @param headers by their names in lower case
 */
record Raw(int status, Map<String, String> headers, byte[] body) {

  private static final int PATIENCE_MILLIS = 20_000;

  static Raw get(PageServer server, String path, String... headers) throws IOException {
    String host = "Host: 127.0.0.1:" + server.port();
    boolean own = List.of(headers).stream().anyMatch(header -> header.startsWith("Host:"));
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return send(server, "GET %s HTTP/1.1\r\n%s%s".formatted(path, own ? "" : host + "\r\n", more));
  }

  /**
   * @param head request line and headers, each with its end
   */
  static Raw send(PageServer server, String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String request = head + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      byte[] all = socket.getInputStream().readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      String[] lines = text.substring(0, end).split("\r\n");
      Map<String, String> headers = new TreeMap<>();
      for (int i = 1; i < lines.length; i++) {
        int colon = lines[i].indexOf(':');
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
      byte[] body = new byte[all.length - end - 4];
      System.arraycopy(all, end + 4, body, 0, body.length);
      return new Raw(Integer.parseInt(lines[0].split(" ")[1]), headers, body);
    }
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  JsonNode json() throws IOException {
    return Answer.JSON.readTree(body);
  }
}
