/** Small, exact stand-ins for compute: their outcomes depend on every bit that goes in. */
package io.atelier.tests.toy;
