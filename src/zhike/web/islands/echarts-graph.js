// Networks.
import { use } from "echarts/lib/extension.js";
import { install as network } from "echarts/lib/chart/graph/install.js";

use([network]);
