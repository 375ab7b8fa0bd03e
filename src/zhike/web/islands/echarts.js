// The part of ECharts that most charts use. tools/vendor.py bundles it and its sisters, one for each kind of chart that only some
// pages have, into static/vendor. Parts are named one by one: over ECharts' lists of parts the bundler cannot tell who needs what.
import { getInstanceByDom, init } from "echarts/lib/core/echarts.js";
import { use } from "echarts/lib/extension.js";
import { install as bars } from "echarts/lib/chart/bar/install.js";
import { install as lines } from "echarts/lib/chart/line/install.js";
import { install as points } from "echarts/lib/chart/scatter/install.js";
import { install as words } from "echarts/lib/component/aria/install.js";
import { install as grid } from "echarts/lib/component/grid/install.js";
import { install as legend } from "echarts/lib/component/legend/install.js";
import { install as tooltip } from "echarts/lib/component/tooltip/install.js";
import { install as canvas } from "echarts/lib/renderer/installCanvasRenderer.js";

use([bars, lines, points, words, grid, legend, tooltip, canvas]);

export { getInstanceByDom, init };
