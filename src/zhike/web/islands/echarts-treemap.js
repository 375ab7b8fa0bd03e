// Treemaps.
import { use } from "echarts/lib/extension.js";
import { install as treemap } from "echarts/lib/chart/treemap/install.js";

use([treemap]);
