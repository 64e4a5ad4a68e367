import {click, edit, go, see} from "./support_tour_tools";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("support_booking_tour", {
    steps: () => [
        see("The ticket's page", "#card_body"),
        go("From the ticket to its appointments", ".o_support_ticket_book"),
        go("It takes two hours", ".o_support_booking .nav-link:contains(2:00)"),
        see("Which is said before", "[name=support_forecast]:contains(2:00)"),
        see(
            "The zone of the times is named",
            ".o_support_booking:contains(Europe/Rome)"
        ),
        edit("Say what is to be done", "#support_booking_name", "Install the new till"),
        go("Look at later days", ".o_support_later"),
        see(
            "What was said is still there",
            "#support_booking_name[value='Install the new till']"
        ),
        click("Choose the first free time", ".o_support_slot:first"),
        go("Book it", "button.o_support_book"),
        see(
            "It is booked with a technician",
            ".o_support_portal:contains(Tiziano Tecnico)"
        ),
        see(
            "And the balance is kept for it",
            ".o_support_facts dd > div:contains(2:00)"
        ),
        go("Move it", ".o_support_move"),
        see("Free times again", ".o_support_booking"),
        click("To another time", ".o_support_slot:last"),
        go("Take it", "button.o_support_book"),
        see("It is moved", "[name=support_news]"),
        go("Cancel it", ".o_support_cancel"),
        edit("With a reason", "#support_cancel_reason", "Nobody is in the office"),
        see("The page fits", ".o_support_do_cancel"),
        go("Yes", ".o_support_do_cancel"),
        see(
            "It is cancelled",
            ".o_support_portal:has([name=support_news]):not(:has(.o_support_cancel))"
        ),
    ],
});
