//! The map of services and events, on which a reader sees who is hurt by a change.

use super::File;
use super::page::Site;

pub(super) fn page(site: &Site<'_>) -> File {
    let mut page = site.page("map.html", "Map and impact");
    page.heading("Event catalog", "Map and impact", "");
    page.lead(Some(
        "Who sends what to whom. Choose an event to see its way, then a field and a change to see who breaks.",
    ));
    page.push(
        "<noscript><p class=\"notice\">The map needs scripts. <a href=\"index.html\">The list of events</a> names \
         publishers and consumers without.</p></noscript>\
         <div id=\"map\" class=\"map\" hidden>\
         <form class=\"bar\"><label>Domain <select id=\"map-domain\"></select></label>\
         <label>Service <select id=\"map-service\"></select></label>\
         <button type=\"reset\">Show all</button></form>\
         <p id=\"map-count\" class=\"soft\" role=\"status\"></p>\
         <div class=\"board\"><svg aria-hidden=\"true\"></svg>\
         <section aria-labelledby=\"senders\"><h2 id=\"senders\">Sends</h2><ul data-column=\"sends\"></ul></section>\
         <section aria-labelledby=\"sent\"><h2 id=\"sent\">Events</h2><ul data-column=\"events\"></ul></section>\
         <section aria-labelledby=\"receivers\"><h2 id=\"receivers\">Receives</h2><ul data-column=\"takes\"></ul></section>\
         </div>\
         <aside id=\"map-panel\" aria-label=\"What was chosen\" tabindex=\"-1\"></aside></div>\
         <script src=\"assets/catalog.js\" defer></script><script src=\"assets/map.js\" defer></script>",
    );
    page.finish()
}
