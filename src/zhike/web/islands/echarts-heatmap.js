// Heat maps.
import { use } from "echarts/lib/extension.js";
import { install as heatmap } from "echarts/lib/chart/heatmap/install.js";
import { install as shades } from "echarts/lib/component/visualMap/installVisualMapContinuous.js";

use([heatmap, shades]);
