package io.atelier.actors.node;

import java.util.List;

/**
 * A node as another one sees it.
 *
 * @param address {@code host:port}
 * @param roles what it is there for
 * @param status {@code joining}, {@code up}, {@code leaving}, {@code exiting}, {@code down}
 * @param reachable whether its heartbeats arrive
 */
record Member(String address, List<String> roles, String status, boolean reachable) {}
