//! The planning board: buffers as bars, the most urgent first.

use console::style;
use event_catalog::types::BufferZone;
use execution_ddmrp::ddmrp::Standing;
use execution_ddmrp::journal::Journal;
use sample_program::say;

/// Characters of a bar.
const WIDTH: i64 = 48;

pub(crate) fn show(journal: &Journal, board: &[Standing]) {
    for Standing { buffer, net_flow, percent_of_green } in board {
        let name = journal.name(buffer.product_id);
        let (position, green) = (net_flow.position, buffer.tops().green);
        say(format_args!(
            "  {name:<13} {}  {percent_of_green:>5.1} %  {position} of {green}",
            bar(buffer, position)
        ));
    }
}

/// A letter a zone, as wide as it is, and a mark where the net flow position lies.
fn bar(buffer: &execution_ddmrp::ddmrp::buffer::Buffer, position: i64) -> String {
    let tops = buffer.tops();
    let green = tops.green.max(1);
    let mark = (position.clamp(0, green) * WIDTH / green).min(WIDTH - 1);
    let cells = (0..WIDTH).map(|cell| {
        // The position that this character stands for.
        let zone = tops.zone((cell + 1) * green / WIDTH);
        let letter = match zone {
            BufferZone::Red => style("r").red(),
            BufferZone::Yellow => style("y").yellow(),
            BufferZone::Green | BufferZone::OverGreen => style("g").green(),
        };
        if cell == mark { style("●").bold().to_string() } else { letter.to_string() }
    });
    cells.collect()
}
