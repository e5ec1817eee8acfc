//! The run: every shape on one server and on three, and the deaths of leaders.

use tidings_benches::baseline::Circumstances;

use crate::arguments::Plan;
use crate::figures::{Figures, Growth, Order, load};
use crate::ground::{Ground, Sample, Shape};
use crate::model::{Assumptions, Costs};
use crate::role::Goods;
use crate::servers::Servers;
use crate::{Outcome, failover, report};

/// More processes at one stream, and more streams with a process each.
const SHAPES: [Shape; 5] = [
    Shape { streams: 1, processes: 1 },
    Shape { streams: 1, processes: 2 },
    Shape { streams: 1, processes: 4 },
    Shape { streams: 2, processes: 2 },
    Shape { streams: 4, processes: 4 },
];

const QUICK: [Shape; 2] = [SHAPES[0], SHAPES[4]];

/// Partitions and instances.
const ORDERS: [(u16, usize); 5] = [(1, 1), (2, 1), (4, 1), (4, 2), (4, 4)];

/// A partition has one event on its way at a time, and is given so much less to do.
const SLOWER: u64 = 20;

pub(crate) async fn measure(plan: &Plan) -> Outcome {
    let load_before = load();
    let servers = Servers::one(plan.sync_always).await?;
    let version = servers.version().to_owned();
    let mut growth = Vec::new();
    let mut order = Vec::new();
    {
        let ground = Ground::prepare(&servers, 1).await?;
        growth.extend(grown(&ground, plan).await?);
        order.extend(ordered(&ground, plan).await?);
    }
    drop(servers);

    let servers = Servers::three(plan.sync_always).await?;
    let spread = Ground::prepare(&servers, 1).await?;
    growth.extend(grown(&spread, plan).await?);
    let copied = Ground::prepare(&servers, 3).await?;
    growth.extend(grown(&copied, plan).await?);
    order.extend(ordered(&copied, plan).await?);
    let places = copied.places;
    let Servers::Three(mut cluster) = servers else { return Err("no cluster".into()) };
    progress(&format!("{} servers die, one after the other", plan.kills));
    let pauses = failover::measure(&mut cluster, &places, plan.kills).await?;

    let costs = Costs::of(&growth, &order, &pauses)?;
    let figures = Figures {
        circumstances: Circumstances::here(Some(&version)),
        optimized: !cfg!(debug_assertions),
        sync_always: plan.sync_always,
        load_before,
        growth,
        order,
        pauses,
        costs,
        assumptions: Assumptions::default(),
    };
    figures.write(&plan.json)?;
    report::print(&figures, &plan.json);
    Ok(())
}

/// Each shape in each round, so that what disturbs the machine disturbs all of them.
async fn grown(ground: &Ground<'_>, plan: &Plan) -> Outcome<Vec<Growth>> {
    let servers = ground.servers.nodes().len();
    let shapes = if plan.quick { &QUICK[..] } else { &SHAPES };
    let mut samples = vec![(Vec::new(), Vec::new()); shapes.len()];
    // The first round is for warmth, where there is more than one.
    let warmth = usize::from(!plan.quick);
    for round in 1 - warmth..=plan.rounds {
        progress(&format!("servers: {servers}, copies: {}, round {round}", ground.copies));
        for (shape, (published, handled)) in shapes.iter().zip(&mut samples) {
            let publish = ground.publish(Goods::Parcels, *shape, plan.events).await?;
            let events = plan.events.div_ceil(shape.processes as u64) * shape.processes as u64;
            let handle = ground.handle(Goods::Parcels, *shape, events).await?;
            if round > 0 {
                published.push(publish);
                handled.push(handle);
            }
        }
    }
    let growth = shapes.iter().zip(samples).map(|(shape, (published, handled))| Growth {
        servers,
        copies: ground.copies,
        shape: *shape,
        publish: Sample::median(&published),
        handle: Sample::median(&handled),
    });
    Ok(growth.collect())
}

async fn ordered(ground: &Ground<'_>, plan: &Plan) -> Outcome<Vec<Order>> {
    let servers = ground.servers.nodes().len();
    let orders = if plan.quick { &ORDERS[..1] } else { &ORDERS };
    let mut samples = vec![Vec::new(); orders.len()];
    for round in 0..plan.rounds {
        progress(&format!(
            "servers: {servers}, copies: {}, in order, round {round}",
            ground.copies
        ));
        for ((partitions, instances), samples) in orders.iter().zip(&mut samples) {
            let goods = Goods::Pallets { partitions: *partitions };
            let events = plan.events / SLOWER * u64::from(*partitions);
            let one = Shape { streams: 1, processes: 1 };
            ground.publish(goods, one, events).await?;
            let shape = Shape { streams: 1, processes: *instances };
            samples.push(ground.handle(goods, shape, events).await?);
        }
    }
    let orders = orders.iter().zip(samples);
    let orders = orders.map(|((partitions, instances), samples)| Order {
        servers,
        copies: ground.copies,
        partitions: *partitions,
        instances: *instances,
        handle: Sample::median(&samples),
    });
    Ok(orders.collect())
}

fn progress(what: &str) {
    eprintln!("… {what}");
}
