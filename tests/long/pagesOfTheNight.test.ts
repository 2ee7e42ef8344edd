import { describeReadings } from "./reading";

describeReadings("at night");
