Feature: What has outlived its storage time is not delivered

  @CPM-CONV-058a @TP-CPM-CONV-058a-09.older-and-younger @SHALL @participating-function @slow @store_policy=retention
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
    And it is quiet for a while
    And Bob's phone registers
    Then Bob receives "Still fresh" of "Book club"
    And "Soon stale" of "Book club" never reaches Bob

  @CPM-CONV-058 @TP-CPM-CONV-058-15.retention @SHALL @participating-function @slow @store_policy=retention
  Scenario: What is kept too long goes, the younger message and the list stay
    Given Bob, a served user of the class "short_expiry", is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | Long ago     | delivered |
    And the storage time passes
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Dave   | Just now     | delivered |
    And it is quiet for a while
    And Bob's phone registers
    Then Bob receives "Just now" of "Book club"
    And "Long ago" of "Book club" never reaches Bob
    And Bob holds the final list of "Book club"
