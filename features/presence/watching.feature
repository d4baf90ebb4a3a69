Feature: What the function makes of a user's presence

  A user whose presence is closed is not there, though a device is registered. What comes meanwhile is kept from the devices,
  and comes when presence is open again, as far as it was taken.

  @PF-PRS-01 @TP-PF-PRS-01-02.message @MAY @participating-function @presence_watcher=true
  Scenario: Bob's presence is closed for a while
    Given Bob, a served user of the class "present", is online with a phone
    Then the presence of Bob is watched
    When the presence of Bob is open
    And Alice sends Bob the message "Are you there?"
    Then Bob's phone gets the message "Are you there?"
    When the presence of Bob is closed
    And Alice sends Bob the message "And now?"
    Then the message "And now?" is kept from Bob, whose presence is closed
    When the presence of Bob is open
    Then the message "And now?" comes, now that the presence of Bob is open
    When Alice sends Bob the message "Welcome back"
    Then Bob's phone gets the message "Welcome back"
    And the presence of Bob is watched

  @PF-PRS-01 @TP-PF-PRS-01-02.several @MAY @participating-function @presence_watcher=true
  Scenario: Several messages come while Bob's presence is closed, and Eve's is open
    Given Bob, a served user of the class "present", is online with a phone
    And Eve, a served user of the class "present", is online with a tablet
    Then the presence of Bob is watched
    And the presence of Eve is watched
    When the presence of Bob is closed
    And Alice sends Bob the message "First of all"
    And Carol sends Bob the large message "The whole story"
    And Alice sends Eve the message "Where is Bob?"
    Then the message "First of all" is kept from Bob, whose presence is closed
    And the message "The whole story" is kept from Bob, whose presence is closed
    And Eve's tablet gets the message "Where is Bob?"
    When the presence of Bob is open
    Then the message "First of all" comes, now that the presence of Bob is open
    And the message "The whole story" comes, now that the presence of Bob is open

  @PF-PRS-01 @TP-PF-PRS-01-02.from-the-start @MAY @participating-function @presence_watcher=true
  Scenario: Bob's presence is closed before he comes
    Given Bob, a served user of the class "present", is offline
    And the presence of Bob is closed
    When Bob's phone registers
    Then the presence of Bob is watched
    When Alice sends Bob the message "Are you there?"
    Then the message "Are you there?" is kept from Bob, whose presence is closed
    When the presence of Bob is open
    Then the message "Are you there?" comes, now that the presence of Bob is open

  @PF-PRS-01 @TP-PF-PRS-01-02.call @MAY @participating-function @presence_watcher=true
  Scenario: Alice calls Bob while his presence is closed
    Given Bob, a served user of the class "present", is online with a phone
    And the session "Breakfast" of Alice with Bob
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    Then the presence of Bob is watched
    When Alice calls Bob for "Breakfast"
    Then "Breakfast" stands with Bob's phone
    When Alice hangs up "Breakfast"
    And the presence of Bob is closed
    And Alice calls Bob for "Lunch"
    Then the call for "Lunch" is kept from Bob, whose presence is closed
    When the presence of Bob is open
    And Alice calls Bob for "Dinner"
    Then "Dinner" stands with Bob's phone

  @PF-PRS-01 @TP-PF-PRS-01-02.chat @MAY @participating-function @presence_watcher=true @drain_shape_live=sendrecv @drain_shape_live=sendonly_then_rejoin @drain_shape_live=store_and_notify
  Scenario: Bob is invited to a group while his presence is closed
    Given Bob, a served user of the class "present", is online with a phone
    And the group "Book club" of Alice and Carol
    And the group "Film club" of Alice and Carol
    Then the presence of Bob is watched
    When the presence of Bob is closed
    And Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Alice  | Bob is not here yet | delivered |
      | Carol  | He will read it     |           |
    Then "Book club" is kept from Bob, whose presence is closed
    When the presence of Bob is open
    Then what was said in "Book club" comes, now that the presence of Bob is open
    When Alice invites Bob to "Film club"
    And these messages are sent to "Film club":
      | author | text                | asks for  |
      | Carol  | Bob is here at last |           |
    Then Bob receives every message of "Film club" since his invitation

  @PF-PRS-01 @TP-PF-PRS-01-02.rubbish @MAY @participating-function @presence_watcher=true
  Scenario Outline: The function is told of Bob's presence in <what>
    Given Bob, a served user of the class "present", is online with a phone
    Then the presence of Bob is watched
    When the presence of Bob is open
    And the presence of Bob is told in <what>
    And Alice sends Bob the message "Did you hear that?"
    Then Bob's phone gets the message "Did you hear that?"

    Examples:
      | what                     |
      | a broken document        |
      | a document of entities   |
      | a document about nothing |
