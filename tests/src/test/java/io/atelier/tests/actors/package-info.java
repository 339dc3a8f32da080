/** Tests of the real actors over toy compute. */
package io.atelier.tests.actors;
