/** What a computation needs of the machine, looked at before it begins. */
package io.atelier.actors.machine;
