/** The table of cases of every policy. */
import type { PolicyCases } from "./support";
import allowSlowStart from "./cases/allowSlowStart";
import connectRouteToServer from "./cases/connectRouteToServer";
import forbidHostAccess from "./cases/forbidHostAccess";
import forbidPlaintextSecrets from "./cases/forbidPlaintextSecrets";
import justifyRemoteCode from "./cases/justifyRemoteCode";
import listWaivers from "./cases/listWaivers";
import matchGpuLimit from "./cases/matchGpuLimit";
import matchToolParser from "./cases/matchToolParser";
import oneReplicaPerClaim from "./cases/oneReplicaPerClaim";
import pinImageTag from "./cases/pinImageTag";
import protectClaims from "./cases/protectClaims";
import requireAnyuidForRoot from "./cases/requireAnyuidForRoot";
import requireApiKeyBehindRoute from "./cases/requireApiKeyBehindRoute";
import requireContextForAliases from "./cases/requireContextForAliases";
import requireHfHubOnline from "./cases/requireHfHubOnline";
import requireImageDigest from "./cases/requireImageDigest";
import requireKnownSecrets from "./cases/requireKnownSecrets";
import requireReadinessOnHealth from "./cases/requireReadinessOnHealth";
import requireRecreate from "./cases/requireRecreate";
import requireRhaiisImage from "./cases/requireRhaiisImage";
import requireRoomForWeights from "./cases/requireRoomForWeights";
import requireRouteTimeout from "./cases/requireRouteTimeout";
import requireRouteTls from "./cases/requireRouteTls";
import requireServedModelName from "./cases/requireServedModelName";
import requireServiceAccountForRoot from "./cases/requireServiceAccountForRoot";
import requireServiceLinksDisabled from "./cases/requireServiceLinksDisabled";
import requireSharedMemory from "./cases/requireSharedMemory";
import validConfiguration from "./cases/validConfiguration";
import validWaivers from "./cases/validWaivers";

export const tables: readonly PolicyCases[] = [
  allowSlowStart,
  connectRouteToServer,
  forbidHostAccess,
  forbidPlaintextSecrets,
  justifyRemoteCode,
  listWaivers,
  matchGpuLimit,
  matchToolParser,
  oneReplicaPerClaim,
  pinImageTag,
  protectClaims,
  requireAnyuidForRoot,
  requireApiKeyBehindRoute,
  requireContextForAliases,
  requireHfHubOnline,
  requireImageDigest,
  requireKnownSecrets,
  requireReadinessOnHealth,
  requireRecreate,
  requireRhaiisImage,
  requireRoomForWeights,
  requireRouteTimeout,
  requireRouteTls,
  requireServedModelName,
  requireServiceAccountForRoot,
  requireServiceLinksDisabled,
  requireSharedMemory,
  validConfiguration,
  validWaivers,
];
