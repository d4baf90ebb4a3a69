Feature: What has outlived its storage time is not delivered

  @CPM-CONV-058a @TP-CPM-CONV-058a-09.older-and-younger @SHALL @participating-function @slow
  Scenario: One message is older than the storage time, another is younger
    Given Bob, a served user of the class "short_expiry", is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for          |
      | Alice  | Soon stale   | delivered, failed |
    And the storage time passes
    And these messages are sent to "Book club":
      | author | text         | asks for          |
      | Carol  | Still fresh  | delivered, failed |
    And Bob's phone registers
    Then Bob receives "Still fresh" of "Book club"
    And "Soon stale" of "Book club" never reaches Bob
