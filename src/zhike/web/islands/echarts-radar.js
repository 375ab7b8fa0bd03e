// Radars.
import { use } from "echarts/lib/extension.js";
import { install as radar } from "echarts/lib/chart/radar/install.js";
import { install as axes } from "echarts/lib/component/radar/install.js";

use([radar, axes]);
