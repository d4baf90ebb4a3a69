Feature: What is too large, and what is no message

  How large a message may be is for the provider to say. One that is larger is refused, or becomes a large message. What is no
  message at all is refused.

  @PF-MSG-02 @TP-PF-MSG-02-04.size @SHALL @participating-function @max_pager_octets=limited
  Scenario: A message as large as allowed arrives, and one that is larger does not
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Just right" as large as allowed
    And Alice sends Bob the message "Too much" one octet too large
    Then Bob's phone gets the message "Just right"
    And the message "Too much" of Bob is refused for its size, or comes as a large one

  @PF-MSG-02 @TP-PF-MSG-02-04.size-outgoing @SHALL @participating-function @max_pager_octets=limited
  Scenario: The limit holds for what Bob sends as well
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice the message "Just right" as large as allowed
    And Bob's phone sends Alice the message "Too much" one octet too large
    And Alice sends Bob the message "I have the first one"
    Then Alice gets the message "Just right"
    And the message "Too much" of Bob is refused for its size, or comes as a large one
    And Bob's phone gets the message "I have the first one"

  @PF-MSG-02 @TP-PF-MSG-02-04.converted @SHALL @participating-function @max_pager_octets=limited @over_pager_limit=large_mode
  Scenario: What is too large comes in a session of its own
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Too much" one octet too large
    And Bob's phone sends Alice the message "Too much as well" one octet too large
    Then Bob's phone gets the large message "Too much" in a session that is over
    And Alice gets the large message "Too much as well" in a session that is over

  @PF-MSG-02 @TP-PF-MSG-02-04.no-message @SHALL @participating-function
  Scenario Outline: What comes <in what> is refused, and the next message arrives
    Given Bob, a served user, is online with a phone
    When Alice sends Bob "Not a message" <in what>
    And Alice sends Bob the message "A message"
    Then what was sent as "Not a message" is refused, being no message
    And Bob's phone gets the message "A message"

    Examples:
      | in what              |
      | without envelope     |
      | as something unknown |
      | in a broken envelope |

  @PF-MSG-02 @TP-PF-MSG-02-04.no-message-outgoing @SHALL @participating-function
  Scenario Outline: What Bob sends <in what> is refused, and his next message arrives
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice "Not a message" <in what>
    And Bob's phone sends Alice the message "A message"
    And Alice sends Bob the message "That was better"
    Then what was sent as "Not a message" is refused, being no message
    And Alice gets the message "A message"
    And Bob's phone gets the message "That was better"

    Examples:
      | in what              |
      | without envelope     |
      | as something unknown |
      | in a broken envelope |
