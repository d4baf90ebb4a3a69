//! AVPs of credit control (RFC 8506 section 8; those that RFC 4006 had, too).

use super::{Definition, Kind, Mandatory, avps};

/// Where they stand among the codes of the IETF.
pub(super) const CODES: std::ops::RangeInclusive<u32> = 411..=461;

avps! {
    None;
    CC_CORRELATION_ID = 411, "CC-Correlation-Id", Kind::OctetString, May;
    CC_INPUT_OCTETS = 412, "CC-Input-Octets", Kind::Unsigned64, Must;
    CC_MONEY = 413, "CC-Money", Kind::Grouped, Must;
    CC_OUTPUT_OCTETS = 414, "CC-Output-Octets", Kind::Unsigned64, Must;
    CC_REQUEST_NUMBER = 415, "CC-Request-Number", Kind::Unsigned32, Must;
    CC_REQUEST_TYPE = 416, "CC-Request-Type", Kind::Enumerated(1, 4), Must;
    CC_SERVICE_SPECIFIC_UNITS = 417, "CC-Service-Specific-Units", Kind::Unsigned64, Must;
    CC_SESSION_FAILOVER = 418, "CC-Session-Failover", Kind::Enumerated(0, 1), Must;
    CC_SUB_SESSION_ID = 419, "CC-Sub-Session-Id", Kind::Unsigned64, Must;
    CC_TIME = 420, "CC-Time", Kind::Unsigned32, Must;
    CC_TOTAL_OCTETS = 421, "CC-Total-Octets", Kind::Unsigned64, Must;
    CHECK_BALANCE_RESULT = 422, "Check-Balance-Result", Kind::Enumerated(0, 1), Must;
    COST_INFORMATION = 423, "Cost-Information", Kind::Grouped, Must;
    COST_UNIT = 424, "Cost-Unit", Kind::Utf8String, Must;
    CURRENCY_CODE = 425, "Currency-Code", Kind::Unsigned32, Must;
    CREDIT_CONTROL = 426, "Credit-Control", Kind::Enumerated(0, 1), Must;
    CREDIT_CONTROL_FAILURE_HANDLING = 427, "Credit-Control-Failure-Handling", Kind::Enumerated(0, 2), Must;
    DIRECT_DEBITING_FAILURE_HANDLING = 428, "Direct-Debiting-Failure-Handling", Kind::Enumerated(0, 1), Must;
    EXPONENT = 429, "Exponent", Kind::Integer32, Must;
    FINAL_UNIT_INDICATION = 430, "Final-Unit-Indication", Kind::Grouped, Must;
    GRANTED_SERVICE_UNIT = 431, "Granted-Service-Unit", Kind::Grouped, Must;
    RATING_GROUP = 432, "Rating-Group", Kind::Unsigned32, Must;
    REDIRECT_ADDRESS_TYPE = 433, "Redirect-Address-Type", Kind::Enumerated(0, 3), Must;
    REDIRECT_SERVER = 434, "Redirect-Server", Kind::Grouped, Must;
    REDIRECT_SERVER_ADDRESS = 435, "Redirect-Server-Address", Kind::Utf8String, Must;
    REQUESTED_ACTION = 436, "Requested-Action", Kind::Enumerated(0, 3), Must;
    REQUESTED_SERVICE_UNIT = 437, "Requested-Service-Unit", Kind::Grouped, Must;
    RESTRICTION_FILTER_RULE = 438, "Restriction-Filter-Rule", Kind::OctetString, Must;
    SERVICE_IDENTIFIER = 439, "Service-Identifier", Kind::Unsigned32, Must;
    SERVICE_PARAMETER_INFO = 440, "Service-Parameter-Info", Kind::Grouped, May;
    SERVICE_PARAMETER_TYPE = 441, "Service-Parameter-Type", Kind::Unsigned32, May;
    SERVICE_PARAMETER_VALUE = 442, "Service-Parameter-Value", Kind::OctetString, May;
    SUBSCRIPTION_ID = 443, "Subscription-Id", Kind::Grouped, Must;
    SUBSCRIPTION_ID_DATA = 444, "Subscription-Id-Data", Kind::Utf8String, Must;
    UNIT_VALUE = 445, "Unit-Value", Kind::Grouped, Must;
    USED_SERVICE_UNIT = 446, "Used-Service-Unit", Kind::Grouped, Must;
    VALUE_DIGITS = 447, "Value-Digits", Kind::Integer64, Must;
    VALIDITY_TIME = 448, "Validity-Time", Kind::Unsigned32, Must;
    FINAL_UNIT_ACTION = 449, "Final-Unit-Action", Kind::Enumerated(0, 2), Must;
    SUBSCRIPTION_ID_TYPE = 450, "Subscription-Id-Type", Kind::Enumerated(0, 4), Must;
    TARIFF_TIME_CHANGE = 451, "Tariff-Time-Change", Kind::Time, Must;
    TARIFF_CHANGE_USAGE = 452, "Tariff-Change-Usage", Kind::Enumerated(0, 2), Must;
    G_S_U_POOL_IDENTIFIER = 453, "G-S-U-Pool-Identifier", Kind::Unsigned32, Must;
    CC_UNIT_TYPE = 454, "CC-Unit-Type", Kind::Enumerated(0, 5), Must;
    MULTIPLE_SERVICES_INDICATOR = 455, "Multiple-Services-Indicator", Kind::Enumerated(0, 1), Must;
    MULTIPLE_SERVICES_CREDIT_CONTROL = 456, "Multiple-Services-Credit-Control", Kind::Grouped, Must;
    G_S_U_POOL_REFERENCE = 457, "G-S-U-Pool-Reference", Kind::Grouped, Must;
    USER_EQUIPMENT_INFO = 458, "User-Equipment-Info", Kind::Grouped, May;
    USER_EQUIPMENT_INFO_TYPE = 459, "User-Equipment-Info-Type", Kind::Enumerated(0, 3), May;
    USER_EQUIPMENT_INFO_VALUE = 460, "User-Equipment-Info-Value", Kind::OctetString, May;
    SERVICE_CONTEXT_ID = 461, "Service-Context-Id", Kind::Utf8String, Must;
}
