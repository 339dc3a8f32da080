/**
 * Before a run: what it will take ({@link MemoryPlan}, {@link TimePlan}, together {@link RunPlan}),
 * measured by {@link Benchmark} and {@link Speeds}, and which keys nothing will read ({@link
 * UnreadKeys}).
 */
package io.atelier.actors.api.plan;
