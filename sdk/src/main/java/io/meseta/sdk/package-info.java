// SPDX-License-Identifier: Apache-2.0

/// Write a framework: subscribe to a master, get offers, launch tasks, hear what becomes of them.
///
/// ```java
/// var info = FrameworkInfo.newBuilder().setName("greeter").setUser("nobody").build();
/// try (var client = SchedulerClient.builder("zk://10.0.0.1:2181/mesos", info).start(new Scheduler() {
///       public void offers(SchedulerClient client, List<Offer> offers) {
///         for (var offer : offers) {
///           client.send(Calls.launch(offer, List.of(task(offer))));
///         }
///       }
///       public void update(SchedulerClient client, TaskStatus status) {
///         System.out.println(status.getTaskId().getValue() + " " + status.getState());
///       }
///     })) {
///   client.awaitClosed();
/// }
/// ```
///
/// **The stream.** A [SchedulerClient] holds one SUBSCRIBE request open (protobuf records). All
/// callbacks of [Scheduler] come on one thread, in the order of the stream; while a callback runs
/// the stream waits, so a slow framework slows its master down by TCP and fills no queue here. To
/// feed a loop of your own, override [Scheduler#event].
///
/// **Calls.** [SchedulerClient#send] is asynchronous and never blocks. Calls go out one after the
/// other in the order they were made (acknowledgements beside them, several at a time). The queue
/// is bounded: a call too many fails at once. Calls made while there is no subscription fail at
/// once too; after [Scheduler#subscribed] reconcile and start again from the answers. A call that
/// is safe to repeat is repeated once when its connection breaks; ACCEPT is not, as its tasks might
/// have been launched: the client subscribes anew and the framework reconciles.
///
/// **Losing the master.** The client notices a closed stream, missed heartbeats, a redirect and a
/// new leader in ZooKeeper, tells [Scheduler#disconnected], and subscribes again with exponential
/// backoff and jitter, under the same framework id. An ERROR event and a refused subscription are
/// final: [Scheduler#error], and the client closes.
///
/// **Acknowledgements** are sent when [Scheduler#update] has returned, or by you, if built with
/// [SchedulerClient.Builder#explicitAcknowledgements] (needed when the update must be stored
/// first). An exception out of a callback closes the client, without acknowledgement.
///
/// **Masters** are named as `zk://host:port,host:port/path` (needs Curator on the class path),
/// `host:port`, `http(s)://host:port`, or a comma-separated list of the latter two.
///
/// Source of the protocol: docs/scheduler-http-api.md of the original.
@NullMarked
package io.meseta.sdk;

import org.jspecify.annotations.NullMarked;
