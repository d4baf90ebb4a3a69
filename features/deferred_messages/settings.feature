Feature: Whether messages wait is for the provider, the recipient and the author to say

  @PF-MSG-04 @TP-PF-MSG-04-04.nothing-kept @SHALL @participating-function
  Scenario Outline: Nothing is kept for Eve, and messages are for Bob
    Given Bob, a served user, is offline
    And Eve, a served user of the class "store_off", is offline
    When Alice sends Eve the <kind> "Is this kept?"
    And Alice sends Bob the <kind> "And this?"
    And it is quiet for a while
    And Eve's phone registers
    And Bob's phone registers
    Then the message "And this?", which waited, reaches Bob
    And the message "Is this kept?" is not kept for Eve, and never comes

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-MSG-04 @TP-PF-MSG-04-06.by-wish @SHALL @participating-function @deferral_request=sender_header
  Scenario: Alice asks that her message waits, though Bob is there
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Right now"
    Then Bob gets the message "Right now"
    When Alice sends Bob the message "When you are back", asking that it waits
    Then for now the message "When you are back" is kept from Bob
    When Bob's phone registers again
    Then the message "When you are back", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-06.by-service @SHALL @participating-function @deferral_request=feature_tag
  Scenario: Alice uses the service for messages that wait, though Bob is there
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Right now"
    Then Bob gets the message "Right now"
    When Alice sends Bob the message "When you are back", by the service for what waits
    Then for now the message "When you are back" is kept from Bob
    When Bob's phone registers again
    Then the message "When you are back", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-06.when-asked @SHALL @participating-function @deferral_request=fetch
  Scenario: What waited for Bob comes when his phone asks for it
    Given Bob, a served user, is offline
    And Eve, a served user, is online with a phone
    And Bob chooses on his phone what to fetch
    When Alice sends Eve the message "You are there"
    And Alice sends Bob the message "You are not"
    And Bob's phone registers
    Then Eve gets the message "You are there"
    And for now the message "You are not" is kept from Bob
    When Bob's phone fetches the message "You are not"
    Then the message "You are not", which waited, reaches Bob's phone

  @PF-MSG-04 @TP-PF-MSG-04-07.until-the-wish-is-gone @SHALL @participating-function @deferral_request=recipient_setting
  Scenario Outline: Bob wants messages to wait for a while
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Before the meeting"
    Then Bob gets the message "Before the meeting"
    When Bob wants messages to wait
    And Alice sends Bob the <kind> "In the meeting"
    Then for now the message "In the meeting" is kept from Bob
    When Bob wants messages at once again
    Then the message "In the meeting", which waited, reaches Bob
    When Alice sends Bob the message "After the meeting"
    Then Bob gets the message "After the meeting"

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-MSG-04 @TP-PF-MSG-04-07.each-user @SHALL @participating-function @deferral_request=recipient_setting
  Scenario: Bob wants messages to wait, and Eve does not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a phone
    When Bob wants messages to wait
    And Alice sends Eve the message "Do you know where Bob is?"
    And Alice sends Bob the message "Where are you?"
    Then Eve gets the message "Do you know where Bob is?"
    And for now the message "Where are you?" is kept from Bob
    When Bob wants messages at once again
    And Bob's phone registers again
    Then the message "Where are you?", which waited, reaches Bob
