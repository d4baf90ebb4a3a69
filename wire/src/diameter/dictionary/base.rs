//! AVPs of the base protocol (RFC 6733 section 4.5), accounting among them.

use super::{Definition, Kind, Mandatory, avps};

avps! {
    None;
    USER_NAME = 1, "User-Name", Kind::Utf8String, Must;
    CLASS = 25, "Class", Kind::OctetString, Must;
    SESSION_TIMEOUT = 27, "Session-Timeout", Kind::Unsigned32, Must;
    PROXY_STATE = 33, "Proxy-State", Kind::OctetString, Must;
    ACCT_SESSION_ID = 44, "Acct-Session-Id", Kind::OctetString, Must;
    ACCT_MULTI_SESSION_ID = 50, "Acct-Multi-Session-Id", Kind::Utf8String, Must;
    EVENT_TIMESTAMP = 55, "Event-Timestamp", Kind::Time, Must;
    ACCT_INTERIM_INTERVAL = 85, "Acct-Interim-Interval", Kind::Unsigned32, Must;
    HOST_IP_ADDRESS = 257, "Host-IP-Address", Kind::Address, Must;
    AUTH_APPLICATION_ID = 258, "Auth-Application-Id", Kind::Unsigned32, Must;
    ACCT_APPLICATION_ID = 259, "Acct-Application-Id", Kind::Unsigned32, Must;
    VENDOR_SPECIFIC_APPLICATION_ID = 260, "Vendor-Specific-Application-Id", Kind::Grouped, Must;
    REDIRECT_HOST_USAGE = 261, "Redirect-Host-Usage", Kind::Enumerated(0, 6), Must;
    REDIRECT_MAX_CACHE_TIME = 262, "Redirect-Max-Cache-Time", Kind::Unsigned32, Must;
    SESSION_ID = 263, "Session-Id", Kind::Utf8String, Must;
    ORIGIN_HOST = 264, "Origin-Host", Kind::DiameterIdentity, Must;
    SUPPORTED_VENDOR_ID = 265, "Supported-Vendor-Id", Kind::Unsigned32, Must;
    VENDOR_ID = 266, "Vendor-Id", Kind::Unsigned32, Must;
    FIRMWARE_REVISION = 267, "Firmware-Revision", Kind::Unsigned32, MustNot;
    RESULT_CODE = 268, "Result-Code", Kind::Unsigned32, Must;
    PRODUCT_NAME = 269, "Product-Name", Kind::Utf8String, MustNot;
    SESSION_BINDING = 270, "Session-Binding", Kind::Unsigned32, Must;
    SESSION_SERVER_FAILOVER = 271, "Session-Server-Failover", Kind::Enumerated(0, 3), Must;
    MULTI_ROUND_TIME_OUT = 272, "Multi-Round-Time-Out", Kind::Unsigned32, Must;
    DISCONNECT_CAUSE = 273, "Disconnect-Cause", Kind::Enumerated(0, 2), Must;
    AUTH_REQUEST_TYPE = 274, "Auth-Request-Type", Kind::Enumerated(1, 3), Must;
    AUTH_GRACE_PERIOD = 276, "Auth-Grace-Period", Kind::Unsigned32, Must;
    AUTH_SESSION_STATE = 277, "Auth-Session-State", Kind::Enumerated(0, 1), Must;
    ORIGIN_STATE_ID = 278, "Origin-State-Id", Kind::Unsigned32, Must;
    FAILED_AVP = 279, "Failed-AVP", Kind::Grouped, Must;
    PROXY_HOST = 280, "Proxy-Host", Kind::DiameterIdentity, Must;
    ERROR_MESSAGE = 281, "Error-Message", Kind::Utf8String, MustNot;
    ROUTE_RECORD = 282, "Route-Record", Kind::DiameterIdentity, Must;
    DESTINATION_REALM = 283, "Destination-Realm", Kind::DiameterIdentity, Must;
    PROXY_INFO = 284, "Proxy-Info", Kind::Grouped, Must;
    RE_AUTH_REQUEST_TYPE = 285, "Re-Auth-Request-Type", Kind::Enumerated(0, 1), Must;
    ACCOUNTING_SUB_SESSION_ID = 287, "Accounting-Sub-Session-Id", Kind::Unsigned64, Must;
    AUTHORIZATION_LIFETIME = 291, "Authorization-Lifetime", Kind::Unsigned32, Must;
    REDIRECT_HOST = 292, "Redirect-Host", Kind::DiameterUri, Must;
    DESTINATION_HOST = 293, "Destination-Host", Kind::DiameterIdentity, Must;
    ERROR_REPORTING_HOST = 294, "Error-Reporting-Host", Kind::DiameterIdentity, MustNot;
    TERMINATION_CAUSE = 295, "Termination-Cause", Kind::Open, Must;
    ORIGIN_REALM = 296, "Origin-Realm", Kind::DiameterIdentity, Must;
    EXPERIMENTAL_RESULT = 297, "Experimental-Result", Kind::Grouped, Must;
    EXPERIMENTAL_RESULT_CODE = 298, "Experimental-Result-Code", Kind::Unsigned32, Must;
    INBAND_SECURITY_ID = 299, "Inband-Security-Id", Kind::Unsigned32, Must;
    ACCOUNTING_RECORD_TYPE = 480, "Accounting-Record-Type", Kind::Enumerated(1, 4), Must;
    ACCOUNTING_REALTIME_REQUIRED = 483, "Accounting-Realtime-Required", Kind::Enumerated(1, 3), Must;
    ACCOUNTING_RECORD_NUMBER = 485, "Accounting-Record-Number", Kind::Unsigned32, Must;
}
