import { describeReadings } from "./reading";

describeReadings("with a model and rules of their own");
