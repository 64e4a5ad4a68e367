import {GraphController} from "@web/views/graph/graph_controller";
import {ListController} from "@web/views/list/list_controller";
import {PivotController} from "@web/views/pivot/pivot_controller";
import {graphView} from "@web/views/graph/graph_view";
import {listView} from "@web/views/list/list_view";
import {pivotView} from "@web/views/pivot/pivot_view";
import {registry} from "@web/core/registry";

/** The usual views, with the formula above the figures. */
class ProfitabilityPivotController extends PivotController {
    static template = "support_contract.ProfitabilityPivot";
}

class ProfitabilityGraphController extends GraphController {
    static template = "support_contract.ProfitabilityGraph";
}

class ProfitabilityListController extends ListController {
    static template = "support_contract.ProfitabilityList";
}

const views = registry.category("views");
views.add("support_profitability_pivot", {
    ...pivotView,
    Controller: ProfitabilityPivotController,
});
views.add("support_profitability_graph", {
    ...graphView,
    Controller: ProfitabilityGraphController,
});
views.add("support_profitability_list", {
    ...listView,
    Controller: ProfitabilityListController,
});
